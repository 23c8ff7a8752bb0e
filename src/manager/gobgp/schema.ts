/**
 * The part of GoBGP's gRPC interface that is used: messages and field numbers as in api/gobgp.proto and api/attribute.proto
 * of GoBGP 3.10 (Debian golang-github-osrg-gobgp-dev 3.10.0-1; Nippon Telegraph and Telephone Corporation, Apache-2.0). Written
 * anew as a protobufjs descriptor, so that no .proto file has to be shipped.
 */
type Fields = Readonly<
  Record<string, readonly [type: string, id: number] | readonly [type: string, id: number, 'repeated']>
>;

const message = (fields: Fields, nested?: object, oneofs?: object) => ({
  fields: Object.fromEntries(
    Object.entries(fields).map(([name, [type, id, rule]]) => [name, { type, id, ...(rule !== undefined && { rule }) }]),
  ),
  ...(nested !== undefined && { nested }),
  ...(oneofs !== undefined && { oneofs }),
});
const enumeration = (...names: string[]) => ({ values: Object.fromEntries(names.map((name, at) => [name, at])) });
const method = (requestType: string, responseType: string, streams: object = {}) => ({
  requestType,
  responseType,
  ...streams,
});

const ANY = 'google.protobuf.Any';
const EMPTY = 'google.protobuf.Empty';

const apipb = {
  GobgpApi: {
    methods: {
      WatchEvent: method('WatchEventRequest', 'WatchEventResponse', { responseStream: true }),
      ListPeer: method('ListPeerRequest', 'ListPeerResponse', { responseStream: true }),
      ListPath: method('ListPathRequest', 'ListPathResponse', { responseStream: true }),
      AddPathStream: method('AddPathStreamRequest', EMPTY, { requestStream: true }),
      DeletePath: method('DeletePathRequest', EMPTY),
    },
  },
  TableType: enumeration('GLOBAL', 'LOCAL', 'ADJ_IN', 'ADJ_OUT', 'VRF'),
  Family: message(
    { afi: ['Afi', 1], safi: ['Safi', 2] },
    {
      Afi: enumeration('AFI_UNKNOWN', 'AFI_IP', 'AFI_IP6'),
      Safi: enumeration('SAFI_UNKNOWN', 'SAFI_UNICAST'),
    },
  ),
  Path: message({
    nlri: [ANY, 1],
    pattrs: [ANY, 2, 'repeated'],
    best: ['bool', 4],
    is_withdraw: ['bool', 5],
    family: ['Family', 9],
    neighbor_ip: ['string', 15],
    is_nexthop_invalid: ['bool', 17],
    identifier: ['uint32', 18],
  }),
  Destination: message({ prefix: ['string', 1], paths: ['Path', 2, 'repeated'] }),
  TableLookupPrefix: message({ prefix: ['string', 1] }),
  ListPathRequest: message({
    table_type: ['TableType', 1],
    name: ['string', 2],
    family: ['Family', 3],
    prefixes: ['TableLookupPrefix', 4, 'repeated'],
  }),
  ListPathResponse: message({ destination: ['Destination', 1] }),
  AddPathStreamRequest: message({ table_type: ['TableType', 1], paths: ['Path', 3, 'repeated'] }),
  DeletePathRequest: message({ table_type: ['TableType', 1], family: ['Family', 3], path: ['Path', 4] }),
  PeerState: message(
    { messages: ['Messages', 4], neighbor_address: ['string', 5], session_state: ['SessionState', 13] },
    {
      SessionState: enumeration('UNKNOWN', 'IDLE', 'CONNECT', 'ACTIVE', 'OPENSENT', 'OPENCONFIRM', 'ESTABLISHED'),
    },
  ),
  Messages: message({ received: ['Message', 1] }),
  Message: message({ update: ['uint64', 2] }),
  Peer: message({ state: ['PeerState', 5] }),
  ListPeerRequest: message({ address: ['string', 1] }),
  ListPeerResponse: message({ peer: ['Peer', 1] }),
  WatchEventRequest: message(
    { peer: ['WatchPeer', 1], table: ['WatchTable', 2] },
    {
      WatchPeer: message({}),
      WatchTable: message(
        { filters: ['Filter', 1, 'repeated'] },
        {
          Filter: message(
            { type: ['FilterType', 1], init: ['bool', 2] },
            {
              FilterType: enumeration('BEST', 'ADJIN', 'POST_POLICY'),
            },
          ),
        },
      ),
    },
  ),
  WatchEventResponse: message(
    { peer: ['PeerEvent', 2], table: ['TableEvent', 3] },
    { PeerEvent: message({ peer: ['Peer', 2] }), TableEvent: message({ paths: ['Path', 2, 'repeated'] }) },
    { event: { oneof: ['peer', 'table'] } },
  ),
  IPAddressPrefix: message({ prefix_len: ['uint32', 1], prefix: ['string', 2] }),
  OriginAttribute: message({ origin: ['uint32', 1] }),
  AsSegment: message({ type: ['uint32', 1], numbers: ['uint32', 2, 'repeated'] }),
  AsPathAttribute: message({ segments: ['AsSegment', 1, 'repeated'] }),
  NextHopAttribute: message({ next_hop: ['string', 1] }),
  MultiExitDiscAttribute: message({ med: ['uint32', 1] }),
  LocalPrefAttribute: message({ local_pref: ['uint32', 1] }),
  CommunitiesAttribute: message({ communities: ['uint32', 1, 'repeated'] }),
  MpReachNLRIAttribute: message({
    family: ['Family', 1],
    next_hops: ['string', 2, 'repeated'],
    nlris: [ANY, 3, 'repeated'],
  }),
};

export const GOBGP_SCHEMA = {
  nested: {
    google: {
      nested: {
        protobuf: { nested: { Any: message({ type_url: ['string', 1], value: ['bytes', 2] }), Empty: message({}) } },
      },
    },
    apipb: { nested: apipb },
  },
};

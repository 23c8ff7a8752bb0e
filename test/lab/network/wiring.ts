/** From a topology to nodes with addressed interfaces. Pure; the same topology gives the same addresses. */
import type { Announcement, LabTopology } from './topology.ts';

export interface WiredInterface {
  /** `to-<peer>`; names live in the node's own namespace. */
  readonly name: string;
  readonly address: string;
  /** Node id at the other end. */
  readonly peer: string;
  readonly peerAddress: string;
  /** `core` runs OSPF; `peering` and `access` are known to OSPF but passive. */
  readonly role: 'core' | 'peering' | 'access';
  /** OSPF cost of leaving by this interface. */
  readonly cost: number;
}

export interface BgpSession {
  /** Node id of the other side. */
  readonly peer: string;
  readonly peerAsn: number;
  readonly localAddress: string;
  readonly peerAddress: string;
  readonly type: 'ebgp' | 'ibgp' | 'controller';
  /** All paths for a prefix (RFC 7911), by the side whose session this is. */
  readonly addPath: 'none' | 'send' | 'receive' | 'both';
}

export interface WiredNode {
  readonly id: string;
  readonly kind: 'frr' | 'bird' | 'gobgp';
  readonly role: 'border' | 'neighbor' | 'controller';
  readonly asn: number;
  readonly routerId: string;
  /** Border routers only. */
  readonly loopback: string | null;
  readonly interfaces: readonly WiredInterface[];
  readonly sessions: readonly BgpSession[];
  readonly announces: readonly Announcement[];
}

export interface WiredLink {
  readonly ends: readonly [WiredEnd, WiredEnd];
}

export interface WiredEnd {
  readonly node: string;
  readonly interface: WiredInterface;
}

export interface Wiring {
  readonly nodes: readonly WiredNode[];
  readonly links: readonly WiredLink[];
  /** Node id by address: who answered a probe. Loopbacks and interface addresses. */
  readonly owner: ReadonlyMap<string, string>;
}

const ID = /^[A-Za-z][A-Za-z0-9]{0,9}$/;
const PASSIVE_COST = 1;

/** @throws Error where an id cannot be a name, or a link or session names nobody. */
export function wire(topology: LabTopology): Wiring {
  const routerIds = topology.routers.map(({ id }) => id);
  const controllers = topology.controller ? [topology.controller] : [];
  const ids = [...routerIds, ...topology.neighbors.map(({ id }) => id), ...controllers.map(({ id }) => id)];
  for (const id of ids) if (!ID.test(id)) throw new Error(`lab: id ${JSON.stringify(id)} does not match ${ID.source}`);
  if (new Set(ids).size !== ids.length) throw new Error('lab: duplicate id');

  const links: WiredLink[] = [];
  const connect = (a: string, b: string, role: WiredInterface['role'], cost: number, reverseCost: number): void => {
    for (const id of [a, b]) if (!ids.includes(id)) throw new Error(`lab: link to unknown node ${id}`);
    const [addressA, addressB] = linkAddresses(role, links.length);
    links.push({
      ends: [
        { node: a, interface: { name: `to-${b}`, address: addressA, peer: b, peerAddress: addressB, role, cost } },
        {
          node: b,
          interface: { name: `to-${a}`, address: addressB, peer: a, peerAddress: addressA, role, cost: reverseCost },
        },
      ],
    });
  };
  for (const { from, to, cost, reverseCost } of topology.links) connect(from, to, 'core', cost, reverseCost);
  for (const { id, at } of topology.neighbors)
    for (const router of at) connect(router, id, 'peering', PASSIVE_COST, PASSIVE_COST);
  for (const { id, at } of controllers) connect(at, id, 'access', PASSIVE_COST, PASSIVE_COST);

  const interfacesOf = (id: string): WiredInterface[] =>
    links.flatMap(({ ends }) => ends.filter(({ node }) => node === id).map((end) => end.interface));
  const loopbackOf = (id: string): string => `10.255.0.${routerIds.indexOf(id) + 1}`;
  const asnOf = new Map(topology.neighbors.map(({ id, asn }) => [id, asn]));
  const accessAddress = (id: string): string => interfacesOf(id)[0]!.address;
  const external = (id: string): BgpSession[] =>
    interfacesOf(id)
      .filter(({ role }) => role === 'peering')
      .map(({ peer, address, peerAddress }) => ({
        peer,
        peerAsn: asnOf.get(peer) ?? topology.asn,
        localAddress: address,
        peerAddress,
        type: 'ebgp',
        addPath: 'none',
      }));
  const internal = (
    peer: string,
    localAddress: string,
    peerAddress: string,
    type: BgpSession['type'],
    addPath: BgpSession['addPath'],
  ): BgpSession => ({ peer, peerAsn: topology.asn, localAddress, peerAddress, type, addPath });
  const mesh = topology.addPath ? 'both' : 'none';

  const border = topology.routers.map(
    ({ id, kind }): WiredNode => ({
      id,
      kind,
      role: 'border',
      asn: topology.asn,
      routerId: loopbackOf(id),
      loopback: loopbackOf(id),
      interfaces: interfacesOf(id),
      sessions: [
        ...external(id),
        ...routerIds
          .filter((other) => other !== id)
          .map((o) => internal(o, loopbackOf(id), loopbackOf(o), 'ibgp', mesh)),
        ...controllers.map((c) =>
          internal(c.id, loopbackOf(id), accessAddress(c.id), 'controller', c.addPath ? 'both' : 'send'),
        ),
      ],
      announces: [],
    }),
  );
  const neighbors = topology.neighbors.map(
    ({ id, asn, announces }): WiredNode => ({
      id,
      kind: 'bird',
      role: 'neighbor',
      asn,
      routerId: interfacesOf(id)[0]!.address,
      loopback: null,
      interfaces: interfacesOf(id),
      sessions: external(id),
      announces,
    }),
  );
  const control = controllers.map(
    ({ id, addPath }): WiredNode => ({
      id,
      kind: 'gobgp',
      role: 'controller',
      asn: topology.asn,
      routerId: accessAddress(id),
      loopback: null,
      interfaces: interfacesOf(id),
      sessions: routerIds.map((router) =>
        internal(router, accessAddress(id), loopbackOf(router), 'controller', addPath ? 'both' : 'receive'),
      ),
      announces: [],
    }),
  );

  const nodes = [...border, ...neighbors, ...control];
  const owner = new Map<string, string>();
  for (const node of nodes) {
    if (node.loopback !== null) owner.set(node.loopback, node.id);
    for (const { address } of node.interfaces) owner.set(address, node.id);
  }
  return { nodes, links, owner };
}

/** A /30 per link: 10.254.0.0/16 inside our AS, 172.31.0.0/16 toward neighbors. */
function linkAddresses(role: WiredInterface['role'], index: number): [string, string] {
  const block = role === 'peering' ? '172.31' : '10.254';
  const base = `${block}.${index >> 6}`;
  const first = (index & 63) * 4;
  return [`${base}.${first + 1}`, `${base}.${first + 2}`];
}

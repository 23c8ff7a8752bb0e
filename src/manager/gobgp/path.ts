/** Paths of GoBGP's interface, and routes as the manager has them. */

import { ORIGINS } from '../../model/network-model.ts';
import type { LearnedRoute, OpaqueAttribute } from '../decision/observation.ts';
import { MAPPED, mappedAddress, prefixWords } from '../telemetry/ip-words.ts';

const TYPE = 'type.googleapis.com/apipb.';
/** RFC 4271 §4.3. */
const AS_SEQUENCE = 2;
/** Of whoever reflected a route (RFC 4456), or of the IGP beyond it (RFC 7311): a route of our own has none of it. */
const NOT_COPIED = ['OriginatorIdAttribute', 'ClusterListAttribute', 'AigpAttribute'].map((name) => `${TYPE}${name}`);
/** Going away (RFC 8326, RFC 9494), or no way at all (RFC 7999): graceful shutdown, stale, blackhole. */
const NO_WAY_OUT = ['65535:0', '65535:6', '65535:666'];

export interface Attribute {
  readonly '@type'?: string;
  /** Of a message that the schema does not have: with `value`, its bytes. */
  readonly type_url?: string;
  readonly [field: string]: unknown;
}

export interface GobgpFamily {
  readonly afi: 'AFI_IP' | 'AFI_IP6';
  readonly safi: 'SAFI_UNICAST';
}

export interface GobgpPath {
  readonly nlri?: Attribute | null;
  readonly pattrs?: readonly Attribute[];
  readonly best?: boolean;
  readonly is_withdraw?: boolean;
  readonly is_nexthop_invalid?: boolean;
  readonly family?: GobgpFamily | null;
  readonly neighbor_ip?: string;
  readonly identifier?: number;
}

export const FAMILIES = [
  { afi: 'AFI_IP', safi: 'SAFI_UNICAST' },
  { afi: 'AFI_IP6', safi: 'SAFI_UNICAST' },
] as const satisfies readonly GobgpFamily[];

export interface ReceivedRoute {
  readonly prefix: string;
  /** Address of the session; '' for a path that was put in over gRPC. */
  readonly neighbor: string;
  /** Of add-path (RFC 7911); 0 for none: a session without it tells one path of a prefix at most. Over gRPC: a mark, 0 for none. */
  readonly pathId: number;
  readonly isWithdraw: boolean;
  readonly isBest: boolean;
  /** IPv4 in IPv6 as IPv4. */
  readonly nextHop: string;
  readonly asPath: readonly number[];
  readonly origin: LearnedRoute['origin'];
  readonly med: number | null;
  readonly localPref: number | null;
  readonly communities: readonly string[];
  readonly others: readonly OpaqueAttribute[];
  /** False for what traffic should not be sent to, or cannot be copied: an AS path with sets or confederations. */
  readonly isWayOut: boolean;
}

/** Whether a path was put in over gRPC: it is of no session. */
export function isFromGrpc({ neighbor_ip: address = '' }: Pick<GobgpPath, 'neighbor_ip'>): boolean {
  return address === '' || address === '<nil>';
}

/** Null for what is no unicast path, or has no sense. AS sets count as their numbers in a row. */
export function receivedRoute(path: GobgpPath): ReceivedRoute | null {
  const { nlri, pattrs = [], identifier = 0 } = path;
  if (nlri?.['@type'] !== `${TYPE}IPAddressPrefix`) return null;
  const prefix = prefixWords(`${String(nlri.prefix)}/${String(nlri.prefix_len ?? 0)}`);
  if (prefix === null) return null;
  const attribute = (name: string): Attribute | undefined => pattrs.find((one) => one['@type'] === `${TYPE}${name}`);
  const neighbor = isFromGrpc(path) ? '' : (path.neighbor_ip ?? '');
  const multiprotocol = attribute('MpReachNLRIAttribute')?.next_hops;
  const told = attribute('NextHopAttribute')?.next_hop ?? (Array.isArray(multiprotocol) ? multiprotocol[0] : '');
  const nextHop = String(told);
  const segments = attribute('AsPathAttribute')?.segments;
  const med = attribute('MultiExitDiscAttribute');
  const localPref = attribute('LocalPrefAttribute');
  const communities = numbers(attribute('CommunitiesAttribute')?.communities).map(communityText);
  const isSequence = !Array.isArray(segments) || segments.every((one: Attribute) => Number(one.type) === AS_SEQUENCE);
  return {
    prefix: prefix.canonical,
    neighbor,
    pathId: identifier,
    isWithdraw: path.is_withdraw === true,
    isBest: path.best === true,
    nextHop: mappedAddress(nextHop) ?? nextHop,
    asPath: Array.isArray(segments) ? segments.flatMap((one: Attribute) => numbers(one.numbers)) : [],
    origin: ORIGINS[Number(attribute('OriginAttribute')?.origin ?? 0)] ?? 'incomplete',
    med: med === undefined ? null : Number(med.med ?? 0),
    localPref: localPref === undefined ? null : Number(localPref.local_pref ?? 0),
    communities,
    others: pattrs.flatMap(opaque).sort((a, b) => (a.type < b.type ? -1 : 1)),
    isWayOut: isSequence && path.is_nexthop_invalid !== true && !communities.some((one) => NO_WAY_OUT.includes(one)),
  };
}

function opaque({ type_url: type, value }: Attribute): OpaqueAttribute[] {
  if (type === undefined || NOT_COPIED.includes(type) || !(value instanceof Uint8Array)) return [];
  return [{ type, value: Buffer.from(value).toString('base64') }];
}

export interface OwnMark {
  readonly community: string;
  /** Null where nothing is announced: then nothing is ours. */
  readonly instance: number | null;
}

/** Put in over gRPC, by a manager with this community. */
export function isGiven({ neighbor, communities }: ReceivedRoute, community: string): boolean {
  return neighbor === '' && communities.includes(community);
}

/** Put in over gRPC, with our community and our mark. */
export function isOwn(route: ReceivedRoute, { community, instance }: OwnMark): boolean {
  return isGiven(route, community) && route.pathId === instance;
}

export interface OwnPath extends LearnedRoute {
  readonly prefix: string;
}

/** A copy of a learned route, with our local-pref in place of its own and our communities in addition; `identifier` is our mark. */
export function ownPath(
  path: OwnPath,
  localPref: number,
  communities: readonly string[],
  identifier: number,
): GobgpPath {
  const [address, length] = splitPrefix(path.prefix);
  const isIpv6 = path.prefix.includes(':');
  const nlri = { '@type': `${TYPE}IPAddressPrefix`, prefix: address, prefix_len: length };
  const family = FAMILIES[isIpv6 ? 1 : 0];
  // RFC 4798: IPv6 goes to an IPv4 next hop as IPv4 in IPv6.
  const nextHop = isIpv6 && !path.nextHop.includes(':') ? `${MAPPED}${path.nextHop}` : path.nextHop;
  const all = [...new Set([...path.communities, ...communities])].map(communityNumber);
  return {
    nlri,
    family,
    identifier,
    pattrs: [
      { '@type': `${TYPE}OriginAttribute`, origin: ORIGINS.indexOf(path.origin) },
      { '@type': `${TYPE}AsPathAttribute`, segments: [{ type: AS_SEQUENCE, numbers: [...path.asPath] }] },
      // RFC 8950: IPv4 may go to an IPv6 next hop, which has no place in NEXT_HOP.
      nextHop.includes(':')
        ? { '@type': `${TYPE}MpReachNLRIAttribute`, family, next_hops: [nextHop], nlris: [nlri] }
        : { '@type': `${TYPE}NextHopAttribute`, next_hop: nextHop },
      ...(path.med === null ? [] : [{ '@type': `${TYPE}MultiExitDiscAttribute`, med: path.med }]),
      { '@type': `${TYPE}LocalPrefAttribute`, local_pref: localPref },
      { '@type': `${TYPE}CommunitiesAttribute`, communities: all },
      ...(path.others ?? []).map(({ type, value }) => ({ type_url: type, value: Buffer.from(value, 'base64') })),
    ],
  };
}

function splitPrefix(prefix: string): [address: string, length: number] {
  const slash = prefix.lastIndexOf('/');
  return [prefix.slice(0, slash), Number(prefix.slice(slash + 1))];
}

function numbers(value: unknown): number[] {
  return Array.isArray(value) ? value.map(Number) : [];
}

export function communityText(community: number): string {
  return `${community >>> 16}:${community & 0xffff}`;
}

export function communityNumber(community: string): number {
  const [high, low] = community.split(':').map(Number);
  return high * 0x10000 + low;
}

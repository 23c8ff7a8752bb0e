/** The messages of BGP-4 (RFC 4271) that a bench needs: IPv4 unicast, AS numbers of four octets, path ids in what is told. */

export const [OPEN, UPDATE, NOTIFICATION, KEEPALIVE] = [1, 2, 3, 4];
/** Marker, length, type (§4.1). */
export const HEADER_BYTES = 19;
const MARKER = Buffer.alloc(16, 0xff);
const MOST_BYTES = 4096;
/** It is not to end a session whose daemon is busy. */
const HOLD_SECONDS = 240;

/** Path attributes (§5.1, RFC 1997) with their flags: well-known, optional and transitive. */
const [WELL_KNOWN, OPTIONAL] = [0x40, 0xc0];
const [ORIGIN, AS_PATH, NEXT_HOP, LOCAL_PREF, COMMUNITIES] = [1, 2, 3, 5, 8];
const EXTENDED_LENGTH = 0x10;
const AS_SEQUENCE = 2;
/** Capabilities (RFC 5492): multiprotocol for IPv4 unicast, AS numbers of four octets, add-path that sends (RFC 7911 §4). */
const IPV4_UNICAST = [0, 1, 1];
const ADD_PATH_SEND = 2;

export interface ToldRoute {
  readonly nextHop: string;
  readonly asPath: readonly number[];
  readonly communities: readonly number[];
}

export interface HeardUpdate {
  /** First addresses, as 32 bits. */
  readonly withdrawn: readonly number[];
  readonly announced: readonly number[];
  /** '' where nothing is announced. */
  readonly nextHop: string;
}

export function message(type: number, ...parts: readonly (Buffer | readonly number[])[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const length = HEADER_BYTES + body.length;
  if (length > MOST_BYTES) throw new RangeError(`a BGP message of ${length} octets, over ${MOST_BYTES}`);
  return Buffer.concat([MARKER, Buffer.from([length >>> 8, length & 255, type]), body]);
}

export function openMessage(asn: number, routerId: string): Buffer {
  const [afiHigh, afiLow, safi] = IPV4_UNICAST;
  const capabilities = [
    ...[1, 4, afiHigh, afiLow, 0, safi],
    ...[65, 4, ...words(asn)],
    ...[69, 4, afiHigh, afiLow, safi, ADD_PATH_SEND],
  ];
  const parameters = [2, capabilities.length, ...capabilities];
  const hold = [HOLD_SECONDS >>> 8, HOLD_SECONDS & 255];
  return message(OPEN, [4, asn >>> 8, asn & 255, ...hold, ...octets(routerId), parameters.length, ...parameters]);
}

/** /24s by path id (RFC 7911) and first address, all with the same attributes. */
export function updateMessage(route: ToldRoute, prefixes: readonly { pathId: number; address: number }[]): Buffer {
  const attributes = Buffer.concat([
    attribute(WELL_KNOWN, ORIGIN, [0]),
    attribute(WELL_KNOWN, AS_PATH, [AS_SEQUENCE, route.asPath.length, ...route.asPath.flatMap(words)]),
    attribute(WELL_KNOWN, NEXT_HOP, octets(route.nextHop)),
    attribute(WELL_KNOWN, LOCAL_PREF, words(100)),
    attribute(OPTIONAL, COMMUNITIES, route.communities.flatMap(words)),
  ]);
  const nlri = prefixes.flatMap(({ pathId, address }) => [...words(pathId), 24, ...words(address).slice(0, 3)]);
  return message(UPDATE, [0, 0, attributes.length >>> 8, attributes.length & 255], attributes, nlri);
}

/** What gobgpd tells: no path ids, as it sends none unless it is told to. */
export function heardUpdate(body: Buffer): HeardUpdate {
  const withdrawnEnd = 2 + body.readUInt16BE(0);
  const attributesEnd = withdrawnEnd + 2 + body.readUInt16BE(withdrawnEnd);
  return {
    withdrawn: addresses(body.subarray(2, withdrawnEnd)),
    announced: addresses(body.subarray(attributesEnd)),
    nextHop: nextHopIn(body.subarray(withdrawnEnd + 2, attributesEnd)),
  };
}

function addresses(nlri: Buffer): number[] {
  const found: number[] = [];
  for (let at = 0; at < nlri.length; ) {
    const byteCount = Math.ceil(nlri[at] / 8);
    found.push(nlri.readUIntBE(at + 1, byteCount) * 2 ** (8 * (4 - byteCount)));
    at += 1 + byteCount;
  }
  return found;
}

function nextHopIn(attributes: Buffer): string {
  for (let at = 0; at < attributes.length; ) {
    const isLong = (attributes[at] & EXTENDED_LENGTH) !== 0;
    const length = isLong ? attributes.readUInt16BE(at + 2) : attributes[at + 2];
    const start = at + (isLong ? 4 : 3);
    if (attributes[at + 1] === NEXT_HOP) return [...attributes.subarray(start, start + length)].join('.');
    at = start + length;
  }
  return '';
}

function attribute(flags: number, type: number, value: readonly number[]): Buffer {
  return Buffer.from([flags, type, value.length, ...value]);
}

function octets(address: string): number[] {
  return address.split('.').map(Number);
}

function words(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

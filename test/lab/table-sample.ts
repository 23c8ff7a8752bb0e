/** Announcements for a lab out of the RouteViews sample in `examples/data` (source and license there). */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Announcement } from './network/topology.ts';

const SAMPLE = 'examples/data/routeviews-2014-05-23-sample.bgpdump.txt.gz';
/** Fields of a `bgpdump -m` line. */
const PEER_ASN = 4;
const PREFIX = 5;
const AS_PATH = 6;

/**
 * The first `count` IPv4 prefixes that every one of `peers` (ASNs) announces, as each of them announces it. None lies
 * within another, so that a probe to a prefix measures that prefix; paths with an AS_SET are passed over.
 */
export function tableSample(peers: readonly number[], count: number): ReadonlyMap<number, readonly Announcement[]> {
  const paths = new Map<string, Map<number, number[]>>();
  for (const line of gunzipSync(readFileSync(SAMPLE)).toString('latin1').split('\n')) {
    const fields = line.split('|');
    const peer = Number(fields[PEER_ASN]);
    const prefix = fields[PREFIX] ?? '';
    if (!peers.includes(peer) || prefix.includes(':') || prefix === '0.0.0.0/0') continue;
    const asPath = fields[AS_PATH]!.split(' ').map(Number);
    if (asPath[0] !== peer || asPath.some(Number.isNaN)) continue;
    const byPeer = paths.get(prefix) ?? new Map<number, number[]>();
    paths.set(prefix, byPeer.set(peer, asPath.slice(1)));
  }
  const chosen: string[] = [];
  const ranges = new RangeList();
  for (const [prefix, byPeer] of paths) {
    if (chosen.length === count) break;
    if (byPeer.size === peers.length && ranges.addIfDisjoint(prefix)) chosen.push(prefix);
  }
  if (chosen.length < count) throw new Error(`lab: the sample has ${chosen.length} of ${count} prefixes`);
  return new Map(
    peers.map((peer) => [peer, chosen.map((prefix) => ({ prefix, asPath: paths.get(prefix)!.get(peer)! }))]),
  );
}

class RangeList {
  readonly #ranges: [number, number][] = [];

  addIfDisjoint(prefix: string): boolean {
    const [address = '', length] = prefix.split('/');
    const first = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
    const last = first + 2 ** (32 - Number(length)) - 1;
    if (this.#ranges.some(([from, to]) => first <= to && from <= last)) return false;
    this.#ranges.push([first, last]);
    return true;
  }
}

import { compareText } from '../model/directory.ts';
import { shown } from '../model/fault-list.ts';
import { canonicalAddress, parsePrefix } from '../model/ip-prefix.ts';
import { ORIGINS } from '../model/network-model.ts';
import { GrowingColumn } from './growing-column.ts';
import { Interner } from './interner.ts';

export interface BgpPeer {
  readonly address: string;
  readonly asn: number;
}

/**
 * A table of routes as struct of arrays, sorted by prefix, then peer; at most one advertisement of a prefix by a peer.
 * What repeats (peers, prefixes, paths, next hops, communities) is kept once and named by index. The reader of the
 * table owns the arrays.
 */
export interface BgpTable {
  /** Sorted by address (UTF-16 code units), then ASN. */
  readonly peers: readonly BgpPeer[];
  /** Canonical text, sorted (UTF-16 code units). */
  readonly prefixes: readonly string[];
  readonly count: number;
  /** Int32 [prefixes + 1]: advertisements of prefix k run from `start[k]` to `start[k + 1]`. */
  readonly start: Int32Array;
  /** Int32 [count], index into `peers`, ascending within a prefix. */
  readonly peer: Int32Array;
  /** Int32 [count], index of the AS path. */
  readonly path: Int32Array;
  /** Uint8 [count], index into `ORIGINS`. */
  readonly origin: Uint8Array;
  /** Int32 [count], index into `nextHops`. */
  readonly nextHop: Int32Array;
  /** Float64 [count]; -1 where missing. */
  readonly med: Float64Array;
  /** Float64 [count]; -1 where missing or 0, which is how a dump says unknown. */
  readonly localPref: Float64Array;
  /** Int32 [count], index into `communitySets`. */
  readonly communities: Int32Array;
  readonly nextHops: readonly string[];
  readonly communitySets: readonly (readonly string[])[];
  /** Int32 [paths + 1] into `pathAsns`, nearest AS first. */
  readonly pathStart: Int32Array;
  readonly pathAsns: Uint32Array;
  /** How many advertisements had an AS_SET in their path. */
  readonly asSetCount: number;
  /** How many advertisements were replaced by a later one of the same peer and prefix. */
  readonly duplicateCount: number;
}

const MAX_ASN = 2 ** 32 - 1;
const ORIGIN_TEXTS = ORIGINS.map((origin) => origin.toUpperCase());

/** Takes lines one by one, in columns; `build` sorts them and drops what was replaced. */
export class BgpTableBuilder {
  readonly #peers: BgpPeer[] = [];
  readonly #prefixes: string[] = [];
  readonly #prefixIndex = new Map<string, number>();
  readonly #nextHops: string[] = [];
  readonly #communitySets: string[][] = [];
  readonly #pathStart = new GrowingColumn(Int32Array);
  readonly #pathAsns = new GrowingColumn(Uint32Array);
  readonly #pathHasSet = new GrowingColumn(Uint8Array);

  readonly #peerTexts = new Interner((text) => this.#addPeer(text));
  readonly #prefixOfText: number[] = [];
  readonly #prefixTexts = new Interner((text) => this.#addPrefix(text));
  readonly #nextHopTexts = new Interner((text) => this.#addNextHop(text));
  readonly #pathTexts = new Interner((text) => this.#addPath(text));
  readonly #communityTexts = new Interner((text) => this.#addCommunities(text));

  readonly #peer = new GrowingColumn(Int32Array);
  readonly #prefix = new GrowingColumn(Int32Array);
  readonly #path = new GrowingColumn(Int32Array);
  readonly #origin = new GrowingColumn(Uint8Array);
  readonly #nextHop = new GrowingColumn(Int32Array);
  readonly #med = new GrowingColumn(Float64Array);
  readonly #localPref = new GrowingColumn(Float64Array);
  readonly #communities = new GrowingColumn(Int32Array);

  constructor() {
    this.#pathStart.push(0);
  }

  /** How many advertisements were taken, those replaced later included. */
  get count(): number {
    return this.#peer.count;
  }

  /** Takes the fields of a line (record type first), or returns what is wrong with them. */
  add(fields: readonly string[]): string | null {
    if (fields.length < 12) return `${fields.length} fields where at least 12 are expected`;
    if (fields[0] !== 'TABLE_DUMP2' && fields[0] !== 'TABLE_DUMP') return `record type ${shown(fields[0])} is no table`;
    if (fields[2] !== 'B') return `${shown(fields[2])} where a table has "B"`;
    const peer = this.#peerTexts.indexOf(`${fields[3]}|${fields[4]}`);
    if (peer < 0) return `${shown(`${fields[3]}|${fields[4]}`)} is no address and ASN of a peer`;
    const prefix = this.#prefixTexts.indexOf(fields[5]);
    if (prefix < 0) return `${shown(fields[5])} is no prefix, or bits of its host part are set`;
    const path = this.#pathTexts.indexOf(fields[6]);
    if (path < 0) return `${shown(fields[6])} is no AS path`;
    const origin = ORIGIN_TEXTS.indexOf(fields[7]);
    if (origin < 0) return `${shown(fields[7])} is no origin`;
    const nextHop = this.#nextHopTexts.indexOf(fields[8]);
    if (nextHop < 0) return `${shown(fields[8])} is no address of a next hop`;
    const localPref = parseMetric(fields[9]);
    const med = parseMetric(fields[10]);
    if (localPref === null || med === null) return `${shown(`${fields[9]}|${fields[10]}`)} is no local-pref and MED`;
    this.#peer.push(peer);
    this.#prefix.push(this.#prefixOfText[prefix]);
    this.#path.push(path);
    this.#origin.push(origin);
    this.#nextHop.push(nextHop);
    this.#localPref.push(localPref === 0 ? -1 : localPref);
    this.#med.push(med);
    this.#communities.push(this.#communityTexts.indexOf(fields[11]));
    return null;
  }

  build(): BgpTable {
    const peerRank = ranks(this.#peers, (a, b) => compareText(a.address, b.address) || a.asn - b.asn);
    const prefixRank = ranks(this.#prefixes, compareText);
    const peerCount = this.#peers.length;
    const rowPeer = this.#peer.values;
    const rowPrefix = this.#prefix.values;
    const start = new Int32Array(this.#prefixes.length + 1);
    for (const prefix of rowPrefix) start[prefixRank[prefix] + 1]++;
    for (let k = 0; k < this.#prefixes.length; k++) start[k + 1] += start[k];
    const order = new Int32Array(rowPrefix.length);
    const next = start.slice(0, -1);
    for (let row = 0; row < rowPrefix.length; row++) order[next[prefixRank[rowPrefix[row]]]++] = row;

    // Rows of a prefix stand in the order of the file, so the last write of a peer is its last advertisement.
    const lastRow = new Int32Array(peerCount).fill(-1);
    const rows = new Int32Array(order.length);
    let count = 0;
    for (let k = 0; k < this.#prefixes.length; k++) {
      const from = start[k];
      const to = start[k + 1];
      start[k] = count;
      for (let i = from; i < to; i++) lastRow[peerRank[rowPeer[order[i]]]] = order[i];
      for (let peer = 0; peer < peerCount; peer++) {
        if (lastRow[peer] < 0) continue;
        rows[count++] = lastRow[peer];
        lastRow[peer] = -1;
      }
    }
    start[this.#prefixes.length] = count;
    const kept = rows.subarray(0, count);
    const pathOfRow = this.#path.values;
    const hasSet = this.#pathHasSet.values;
    return {
      peers: inRankOrder(this.#peers, peerRank),
      prefixes: inRankOrder(this.#prefixes, prefixRank).map(ownText),
      count,
      start,
      peer: kept.map((row) => peerRank[rowPeer[row]]),
      path: kept.map((row) => pathOfRow[row]),
      origin: Uint8Array.from(kept, pick(this.#origin.values)),
      nextHop: Int32Array.from(kept, pick(this.#nextHop.values)),
      med: Float64Array.from(kept, pick(this.#med.values)),
      localPref: Float64Array.from(kept, pick(this.#localPref.values)),
      communities: Int32Array.from(kept, pick(this.#communities.values)),
      nextHops: this.#nextHops,
      communitySets: this.#communitySets,
      pathStart: this.#pathStart.values,
      pathAsns: this.#pathAsns.values,
      asSetCount: kept.reduce((sum, row) => sum + hasSet[pathOfRow[row]], 0),
      duplicateCount: rowPrefix.length - count,
    };
  }

  #addPeer(text: string): boolean {
    const bar = text.indexOf('|');
    const address = canonicalAddress(text.slice(0, bar));
    const asn = parseAsn(text.slice(bar + 1));
    if (address === null || asn < 0) return false;
    this.#peers.push({ address, asn });
    return true;
  }

  /** Two spellings of an IPv6 prefix are one prefix, so texts and prefixes are counted apart. */
  #addPrefix(text: string): boolean {
    const parsed = parsePrefix(text);
    if ('expected' in parsed) return false;
    let index = this.#prefixIndex.get(parsed.canonical);
    if (index === undefined) {
      index = this.#prefixes.push(parsed.canonical) - 1;
      this.#prefixIndex.set(parsed.canonical, index);
    }
    this.#prefixOfText.push(index);
    return true;
  }

  #addNextHop(text: string): boolean {
    const address = canonicalAddress(text);
    if (address !== null) this.#nextHops.push(address);
    return address !== null;
  }

  #addCommunities(text: string): boolean {
    this.#communitySets.push(text.split(' ').filter((community) => community !== ''));
    return true;
  }

  /** An AS_SET counts as one hop (RFC 4271, 9.1.2.2), for which its lowest member stands. */
  #addPath(text: string): boolean {
    const hops = text === '' ? [] : text.split(' ');
    const asns = hops.map((hop) =>
      hop.startsWith('{') && hop.endsWith('}')
        ? hop
            .slice(1, -1)
            .split(',')
            .map(parseAsn)
            .reduce((lowest, asn) => Math.min(lowest, asn), MAX_ASN)
        : parseAsn(hop),
    );
    if (asns.some((asn) => asn < 0)) return false;
    for (const asn of asns) this.#pathAsns.push(asn);
    this.#pathStart.push(this.#pathAsns.count);
    this.#pathHasSet.push(text.includes('{') ? 1 : 0);
    return true;
  }
}

/** An ASN in decimal, or -1. AS 0 is none (RFC 7607). */
function parseAsn(text: string): number {
  const asn = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : -1;
  return asn <= MAX_ASN ? asn : -1;
}

/** A 32-bit attribute, -1 where it is empty, or null. */
function parseMetric(text: string): number | null {
  if (text === '0') return 0;
  if (text === '') return -1;
  return /^\d{1,10}$/.test(text) && Number(text) < 2 ** 32 ? Number(text) : null;
}

/** Int32 [items]: place of each item in sorted order. */
function ranks<T>(items: readonly T[], compare: (a: T, b: T) => number): Int32Array {
  const order = items.map((_, i) => i).sort((a, b) => compare(items[a], items[b]));
  const rank = new Int32Array(items.length);
  order.forEach((item, place) => {
    rank[item] = place;
  });
  return rank;
}

function inRankOrder<T>(items: readonly T[], rank: Int32Array): T[] {
  const ordered = new Array<T>(items.length);
  items.forEach((item, i) => {
    ordered[rank[i]] = item;
  });
  return ordered;
}

function pick(values: { readonly [row: number]: number }): (row: number) => number {
  return (row) => values[row];
}

/** A copy that is no part of the file's text, which would stay in memory and be read from all over for as long as it. */
function ownText(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/**
 * Routes as border routers learned them, by source (session and path id): a full table of 1M prefixes × 3 routers.
 *
 * Attributes are shared: a route is a number into the distinct ones. Routes of a prefix are a linked list in typed arrays,
 * 13 bytes a route and 4 a prefix.
 */
import type { LearnedRoute } from '../decision/observation.ts';
import { PrefixIndex } from './prefix-index.ts';

const NONE = -1;

export class RouteTable {
  readonly prefixes = new PrefixIndex();
  readonly #sources = new Map<string, number>();
  readonly #attributes: LearnedRoute[] = [];
  readonly #attributeNumbers = new Map<string, number>();
  /** Int32 [prefix], first slot or -1. */
  #first = new Int32Array(1024).fill(NONE);
  /** Int32 [slot]: next slot, source, attributes. */
  #next = new Int32Array(1024);
  #source = new Int32Array(1024);
  #route = new Int32Array(1024);
  /** Uint8 [slot]: 1 where it was said since the last reading began. */
  #isSaid = new Uint8Array(1024);
  #slotCount = 0;
  #freeSlot = NONE;
  #routeCount = 0;
  /** Routes that came, went or became others, so far. */
  changeCount = 0;
  /** Of these, routes that went, or now have another next hop: something may have rested on them. */
  lossCount = 0;

  get routeCount(): number {
    return this.#routeCount;
  }

  /** Takes the place of what the source said of the prefix before. False for what is no prefix. */
  set(source: string, prefix: string, route: LearnedRoute): boolean {
    const k = this.prefixes.add(prefix);
    if (k < 0) return false;
    if (k >= this.#first.length) this.#first = grown(this.#first, k + 1);
    const from = numberOf(this.#sources, source);
    const attributes = this.#attributeNumber(route);
    for (let slot = this.#first[k]; slot !== NONE; slot = this.#next[slot]) {
      if (this.#source[slot] === from) {
        if (this.#route[slot] !== attributes) this.changeCount++;
        if (this.#attributes[this.#route[slot]].nextHop !== route.nextHop) this.lossCount++;
        this.#route[slot] = attributes;
        this.#isSaid[slot] = 1;
        return true;
      }
    }
    const slot = this.#takeSlot();
    this.#next[slot] = this.#first[k];
    this.#source[slot] = from;
    this.#route[slot] = attributes;
    this.#isSaid[slot] = 1;
    this.#first[k] = slot;
    this.#routeCount++;
    this.changeCount++;
    return true;
  }

  /** The whole table is going to be said again; until `endReading` what was there before stays. */
  beginReading(): void {
    this.#isSaid.fill(0);
  }

  /** What was not said again is gone. */
  endReading(): void {
    for (let k = 0; k < this.prefixes.count; k++) this.#drop(k, (slot) => this.#isSaid[slot] === 0);
  }

  withdraw(source: string, prefix: string): void {
    const k = this.prefixes.find(prefix);
    const from = this.#sources.get(source);
    if (k >= 0 && from !== undefined) this.#drop(k, (slot) => this.#source[slot] === from);
  }

  /** Everything from sources whose name starts so: a session that went down. */
  withdrawSources(start: string): void {
    const gone = new Set([...this.#sources].filter(([name]) => name.startsWith(start)).map(([, number]) => number));
    if (gone.size === 0) return;
    for (let k = 0; k < this.prefixes.count; k++) this.#drop(k, (slot) => gone.has(this.#source[slot]));
  }

  /** At most one for each point, the shortest path, then the lowest MED; by point. */
  learned(k: number): LearnedRoute[] {
    const best = new Map<string, LearnedRoute>();
    for (let slot = this.#first[k] ?? NONE; slot !== NONE; slot = this.#next[slot]) {
      const route = this.#attributes[this.#route[slot]];
      const other = best.get(route.point);
      if (other === undefined || isBetter(route, other)) best.set(route.point, route);
    }
    return [...best.values()].sort((a, b) => (a.point < b.point ? -1 : 1));
  }

  /** Whether any source says that the prefix leaves there. */
  has(k: number, point: string, nextHop: string): boolean {
    for (let slot = this.#first[k] ?? NONE; slot !== NONE; slot = this.#next[slot]) {
      const route = this.#attributes[this.#route[slot]];
      if (route.point === point && route.nextHop === nextHop) return true;
    }
    return false;
  }

  #drop(k: number, isGone: (slot: number) => boolean): void {
    let before = NONE;
    for (let slot = this.#first[k] ?? NONE; slot !== NONE; ) {
      const next = this.#next[slot];
      if (!isGone(slot)) before = slot;
      else {
        if (before === NONE) this.#first[k] = next;
        else this.#next[before] = next;
        this.#next[slot] = this.#freeSlot;
        this.#freeSlot = slot;
        this.#routeCount--;
        this.changeCount++;
        this.lossCount++;
        if (this.#first[k] === NONE) this.prefixes.remove(k);
      }
      slot = next;
    }
  }

  #takeSlot(): number {
    const free = this.#freeSlot;
    if (free !== NONE) {
      this.#freeSlot = this.#next[free];
      return free;
    }
    const slot = this.#slotCount++;
    if (slot === this.#next.length) {
      this.#next = grown(this.#next, slot + 1);
      this.#source = grown(this.#source, slot + 1);
      this.#route = grown(this.#route, slot + 1);
      const isSaid = new Uint8Array(this.#route.length);
      isSaid.set(this.#isSaid);
      this.#isSaid = isSaid;
    }
    return slot;
  }

  #attributeNumber(route: LearnedRoute): number {
    const { point, nextHop, asPath, origin, med, communities, others = [] } = route;
    const opaque = others.map(({ type, value }) => `${type}=${value}`).join(' ');
    const key = `${point} ${nextHop} ${asPath.join(' ')} ${origin} ${med} ${communities.join(' ')} ${opaque}`;
    const known = this.#attributeNumbers.get(key);
    if (known !== undefined) return known;
    this.#attributeNumbers.set(key, this.#attributes.length);
    const copy = { point, nextHop, asPath, origin, med, communities, ...(others.length > 0 && { others }) };
    return this.#attributes.push(copy) - 1;
  }
}

function isBetter(a: LearnedRoute, b: LearnedRoute): boolean {
  return a.asPath.length - b.asPath.length < 0 || (a.asPath.length === b.asPath.length && (a.med ?? 0) < (b.med ?? 0));
}

function numberOf(numbers: Map<string, number>, name: string): number {
  const known = numbers.get(name);
  if (known !== undefined) return known;
  numbers.set(name, numbers.size);
  return numbers.size - 1;
}

function grown(from: Int32Array<ArrayBuffer>, least: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(Math.max(least, Math.ceil(from.length * 1.5))).fill(NONE);
  to.set(from);
  return to;
}

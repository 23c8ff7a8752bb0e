/**
 * Routes as border routers learned them, by session and path id: a full table of 1M prefixes × 3 routers.
 *
 * Attributes are shared: a route is a number into the distinct ones. Routes of a prefix are a linked list in typed arrays,
 * 17 bytes a route and 4 a prefix; some routers number all paths of the table, so that path ids are no names.
 */
import type { LearnedRoute } from '../decision/observation.ts';
import { compareRoutes } from '../decision/plain-choice.ts';
import { PrefixIndex } from './prefix-index.ts';
import { SharedRoutes } from './shared-routes.ts';

const NONE = -1;

export class RouteTable {
  readonly prefixes = new PrefixIndex();
  readonly #sessions = new Map<string, number>();
  readonly #shared = new SharedRoutes();
  /** Int32 [prefix], first slot or -1. */
  #first = new Int32Array(1024).fill(NONE);
  /** Int32 [slot]: next slot, session, path id (its 32 bits), attributes. */
  #next = new Int32Array(1024);
  #session = new Int32Array(1024);
  #pathId = new Int32Array(1024);
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

  /** Distinct attributes. */
  get attributeCount(): number {
    return this.#shared.count;
  }

  /** Takes the place of what the session said before of the prefix under this path id. False for what is no prefix. */
  set(session: string, pathId: number, prefix: string, route: LearnedRoute): boolean {
    const k = this.prefixes.add(prefix);
    if (k < 0) return false;
    if (k >= this.#first.length) this.#first = grown(this.#first, k + 1);
    const from = numberOf(this.#sessions, session);
    const id = pathId | 0;
    const attributes = this.#shared.take(route);
    for (let slot = this.#first[k]; slot !== NONE; slot = this.#next[slot]) {
      if (this.#session[slot] === from && this.#pathId[slot] === id) {
        if (this.#route[slot] !== attributes) this.changeCount++;
        if (this.#shared.get(this.#route[slot]).nextHop !== route.nextHop) this.lossCount++;
        this.#shared.release(this.#route[slot]);
        this.#route[slot] = attributes;
        this.#isSaid[slot] = 1;
        return true;
      }
    }
    const slot = this.#takeSlot();
    this.#next[slot] = this.#first[k];
    this.#session[slot] = from;
    this.#pathId[slot] = id;
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

  withdraw(session: string, pathId: number, prefix: string): void {
    const k = this.prefixes.find(prefix);
    const from = this.#sessions.get(session);
    const id = pathId | 0;
    if (k < 0 || from === undefined) return;
    this.#drop(k, (slot) => this.#session[slot] === from && this.#pathId[slot] === id);
  }

  /** Everything of a session: it went down. */
  withdrawSession(session: string): void {
    const gone = this.#sessions.get(session);
    if (gone === undefined) return;
    for (let k = 0; k < this.prefixes.count; k++) this.#drop(k, (slot) => this.#session[slot] === gone);
  }

  /** At most one for each point, the one that plain BGP prefers; by point. */
  learned(k: number): LearnedRoute[] {
    const best = new Map<string, LearnedRoute>();
    for (let slot = this.#first[k] ?? NONE; slot !== NONE; slot = this.#next[slot]) {
      const route = this.#shared.get(this.#route[slot]);
      const other = best.get(route.point);
      if (other === undefined || compareRoutes(route, other) < 0) best.set(route.point, route);
    }
    return [...best.values()].sort((a, b) => (a.point < b.point ? -1 : 1));
  }

  /** Whether any source says that the prefix leaves there. */
  has(k: number, point: string, nextHop: string): boolean {
    for (let slot = this.#first[k] ?? NONE; slot !== NONE; slot = this.#next[slot]) {
      const route = this.#shared.get(this.#route[slot]);
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
        this.#shared.release(this.#route[slot]);
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
      this.#session = grown(this.#session, slot + 1);
      this.#pathId = grown(this.#pathId, slot + 1);
      this.#route = grown(this.#route, slot + 1);
      const isSaid = new Uint8Array(this.#route.length);
      isSaid.set(this.#isSaid);
      this.#isSaid = isSaid;
    }
    return slot;
  }
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

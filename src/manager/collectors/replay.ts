/** A recording as all three sources: what was recorded up to a tick has happened by it. */
import type { InterfaceReading } from '../decision/observation.ts';
import { CounterTracker } from '../telemetry/counter-tracker.ts';
import type { FlowBatch, FlowRecord } from '../telemetry/flow-batch.ts';
import { RouteTable } from '../telemetry/route-table.ts';
import { type Collectors, WHOLE } from './collector.ts';
import type { Moment, Recording } from './recording.ts';

/** A recording has one route of a prefix at each point. */
const NO_PATH_ID = 0;

/** `points` sorted: all that the recording names. */
export function replayCollectors(recording: Recording, points: readonly string[], bitsPerUnit: number): Collectors {
  const tape = new Tape(recording.moments, points, bitsPerUnit);
  const nothing = async (): Promise<void> => {};
  return {
    routes: {
      table: tape.table,
      status: WHOLE,
      installed: () => null,
      // Time passes by ticks only.
      onLoss: () => {},
      onOwn: () => {},
      foreignCount: 0,
      lostCount: 0,
      rivals: [],
      async refresh(atMs) {
        tape.advance(atMs);
        return tape.routesAtMs;
      },
      [Symbol.asyncDispose]: nothing,
    },
    volumes: {
      async take(atMs) {
        tape.advance(atMs);
        return tape.takeFlows();
      },
      malformedCount: 0,
      foreignCount: 0,
      [Symbol.asyncDispose]: nothing,
    },
    interfaces: {
      async read(atMs) {
        tape.advance(atMs);
        return tape.readings();
      },
      malformedCount: 0,
      get rebootCount() {
        return tape.counters.rebootCount;
      },
      get lateCount() {
        return tape.counters.lateCount;
      },
      lostCount: 0,
      [Symbol.asyncDispose]: nothing,
    },
  };
}

class Tape {
  readonly table = new RouteTable();
  routesAtMs: number | null = null;
  readonly #moments: readonly Moment[];
  readonly #points: readonly string[];
  readonly counters: CounterTracker;
  #flows: FlowRecord[] = [];
  /** Of the last moment with flows that was not taken yet. */
  #flowsAtMs: number | null = null;
  #next = 0;

  constructor(moments: readonly Moment[], points: readonly string[], bitsPerUnit: number) {
    this.#moments = moments;
    this.#points = points;
    this.counters = new CounterTracker(points, bitsPerUnit);
  }

  advance(atMs: number): void {
    for (; this.#next < this.#moments.length && this.#moments[this.#next].atMs <= atMs; this.#next++) {
      this.#play(this.#moments[this.#next]);
    }
  }

  /** A recording has every exporter in it: a point that it has no flows of sent none. */
  takeFlows(): FlowBatch {
    const records = this.#flows;
    const arrivedAtMs = this.#flowsAtMs;
    this.#flows = [];
    this.#flowsAtMs = null;
    return { records, reports: arrivedAtMs === null ? [] : [{ points: [...this.#points.keys()], arrivedAtMs }] };
  }

  readings(): InterfaceReading[] {
    return this.counters.readings();
  }

  #play({ atMs, routes, withdrawn, counters, flows }: Moment): void {
    // A session that says nothing is up: as long as a moment is there, the routes are as they were.
    this.routesAtMs = atMs;
    for (const { prefix, point } of withdrawn ?? []) this.table.withdraw(point, NO_PATH_ID, prefix);
    for (const { origin = 'igp', med = null, communities = [], ...route } of routes ?? []) {
      this.table.set(route.point, NO_PATH_ID, route.prefix, { ...route, origin, med, communities });
    }
    for (const { point, octets, upTime } of counters ?? []) {
      this.counters.add(point, { atMs, octets: BigInt(octets), upTime });
    }
    // The first moment is the start of the interval that the next flows are of.
    if (flows === undefined && this.#next > 0) return;
    this.#flowsAtMs = atMs;
    for (const { point, ...flow } of flows ?? []) this.#flows.push({ point: this.#points.indexOf(point), ...flow });
  }
}

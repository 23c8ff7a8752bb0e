/** A network whose flow records come late: printed in intervals, of traffic that was sent some time before. */
import { type Collectors, WHOLE } from '../../src/manager/collectors/collector.ts';
import type { Override } from '../../src/manager/decision/state.ts';
import type { FlowRecord } from '../../src/manager/telemetry/flow-batch.ts';
import { RouteTable } from '../../src/manager/telemetry/route-table.ts';
import { route } from './simulation.ts';

export interface LateOptions {
  /** Sorted; each is an exporter of its own. */
  readonly points: readonly string[];
  readonly prefixes: readonly { readonly address: string; readonly point: string; readonly bitsPerSecond: number }[];
  /** Flow records are printed every `printMs`, first at `phaseMs`, of what was sent up to `lateMs` before. */
  readonly printMs: number;
  readonly phaseMs: number;
  readonly lateMs: number;
  /** Factor of the traffic to an address, in each slot of ten seconds; 1 where left out. */
  sway?(address: string, slot: number): number;
  /** Whether traffic leaves as is announced; true where left out. */
  readonly follows?: boolean;
  /** Whether an exporter, or the counter of a point, still tells at a time; true where left out. */
  tells?(point: string, atMs: number): boolean;
  counts?(point: string, atMs: number): boolean;
  /** Bytes of a record to the first prefix of a point beyond what was sent, printed at that time; 0 where left out. */
  excess?(point: string, atMs: number): number;
}

const SLOT_MS = 10_000;

/** Where a prefix leaves from some time on. */
interface Stay {
  readonly point: string;
  readonly fromMs: number;
}

const nothing = { [Symbol.asyncDispose]: async (): Promise<void> => {} };

export class LateNetwork {
  readonly #options: LateOptions;
  readonly #stays = new Map<string, Stay[]>();
  #installed: ReadonlyMap<string, string> = new Map();

  constructor(options: LateOptions) {
    this.#options = options;
    for (const { address, point } of options.prefixes) {
      this.#stays.set(address, [{ point, fromMs: Number.NEGATIVE_INFINITY }]);
    }
  }

  /** The network follows. */
  follow(overrides: readonly Override[], atMs: number): void {
    this.#installed = new Map(overrides.map(({ prefix, to }) => [prefix, to]));
    if (this.#options.follows === false) return;
    for (const { address, point } of this.#options.prefixes) {
      const to = this.#installed.get(`${address}/24`) ?? point;
      const stays = this.#stays.get(address)!;
      if (stays.at(-1)!.point !== to) stays.push({ point: to, fromMs: atMs });
    }
  }

  load(point: string, sinceMs: number, untilMs: number): number {
    const bits = this.#options.prefixes.reduce((sum, one) => sum + this.#bits(one.address, point, sinceMs, untilMs), 0);
    return bits / ((untilMs - sinceMs) / 1000);
  }

  collectors(): Collectors {
    const { points, prefixes, counts = () => true } = this.#options;
    const table = new RouteTable();
    for (const { address } of prefixes) for (const point of points) table.set(point, 0, `${address}/24`, route(point));
    let [taken, read] = [0, 0];
    const last = new Map<string, { load: number; sinceMs: number; measuredAtMs: number }>();
    return {
      routes: {
        table,
        status: WHOLE,
        installed: (prefix) => this.#installed.get(prefix) ?? null,
        onLoss: () => {},
        onOwn: () => {},
        refresh: async (atMs) => atMs,
        foreignCount: 0,
        lostCount: 0,
        rivals: [],
        ...nothing,
      },
      volumes: {
        take: async (atMs) => {
          const batch = this.#printed(taken, atMs);
          taken = atMs;
          return batch;
        },
        malformedCount: 0,
        foreignCount: 0,
        ...nothing,
      },
      interfaces: {
        read: async (atMs) => {
          for (const point of points) {
            const load = counts(point, atMs) ? this.load(point, read, atMs) : 0;
            if (read > 0) last.set(point, { load, sinceMs: read, measuredAtMs: atMs });
          }
          read = atMs;
          return points.map((point) => ({ point, load: null, sinceMs: null, measuredAtMs: null, ...last.get(point) }));
        },
        malformedCount: 0,
        rebootCount: 0,
        lateCount: 0,
        lostCount: 0,
        ...nothing,
      },
    };
  }

  #printed(sinceMs: number, untilMs: number) {
    const { points, prefixes, printMs, phaseMs, lateMs, tells = () => true, excess = () => 0 } = this.#options;
    const records: FlowRecord[] = [];
    const heard = new Map<number, number>();
    for (let at = phaseMs; at <= untilMs; at += printMs) {
      if (at <= sinceMs) continue;
      points.forEach((name, point) => {
        for (const { address } of prefixes) {
          const bits = this.#bits(address, name, at - printMs - lateMs, at - lateMs);
          if (bits === 0 || !tells(name, at)) continue;
          records.push({ point, destination: address, bytes: bits / 8, packets: 1 });
          heard.set(point, at);
        }
        const bytes = excess(name, at);
        if (bytes > 0) records.push({ point, destination: prefixes[0].address, bytes, packets: 1 });
      });
    }
    return { records, reports: [...heard].map(([point, arrivedAtMs]) => ({ points: [point], arrivedAtMs })) };
  }

  #bits(address: string, point: string, sinceMs: number, untilMs: number): number {
    const stays = this.#stays.get(address)!;
    return stays.reduce((sum, stay, k) => {
      if (stay.point !== point) return sum;
      const end = Math.min(stays[k + 1]?.fromMs ?? untilMs, untilMs);
      return sum + this.#sent(address, Math.max(stay.fromMs, sinceMs), end);
    }, 0);
  }

  #sent(address: string, sinceMs: number, untilMs: number): number {
    const { prefixes, sway } = this.#options;
    const { bitsPerSecond } = prefixes.find((one) => one.address === address)!;
    if (sway === undefined) return (bitsPerSecond / 1000) * Math.max(0, untilMs - sinceMs);
    let bits = 0;
    for (let slot = Math.floor(sinceMs / SLOT_MS); slot * SLOT_MS < untilMs; slot++) {
      const ms = Math.min(untilMs, (slot + 1) * SLOT_MS) - Math.max(sinceMs, slot * SLOT_MS);
      bits += (bitsPerSecond / 1000) * sway(address, slot) * ms;
    }
    return bits;
  }
}

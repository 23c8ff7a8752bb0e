/**
 * One medium or large instance, solved in a process of its own so that memory is that of one run, with the patent's
 * biggest-first and the nearest exit beside it.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { importNetwork } from '../src/formats/import-network.ts';
import { buildModel } from '../src/model/build-model.ts';
import type { NetworkModel } from '../src/model/network-model.ts';
import { parseOptions } from '../src/model/options.ts';
import { type RunControl, UNLIMITED } from '../src/optimizer/run/run-control.ts';
import type { Plan } from '../src/plan/plan.ts';
import { solveModel } from '../src/solve.ts';
import { LARGE, planeNetwork } from './networks.ts';

export type Instance =
  | {
      readonly kind: 'import';
      readonly topology: string;
      readonly rib: string;
      readonly neighbors: number;
      readonly top: number | null;
    }
  | { readonly kind: 'plane'; readonly prefixes: number };

export interface QualityCase {
  readonly instance: Instance;
  readonly seed: number;
  readonly variant: 'ses' | 'mes';
  readonly timeLimitMs: number;
  /** The limit, and the time that is told, are processor time of the process. */
  readonly cpu: boolean;
}

export interface QualityFigures {
  readonly points: number;
  readonly prefixes: number;
  readonly pairs: number;
  readonly objective: number;
  readonly lowerBound: number | null;
  readonly gap: number | null;
  readonly overload: number;
  readonly stopped: string;
  readonly timeMs: number;
  readonly peakRssBytes: number;
  /** Of biggest-first, which may be overloaded. */
  readonly biggestFirst: { readonly objective: number; readonly overload: number };
  /** Share of the sides that the nearest exit uses which it overloads. */
  readonly hotPotatoOverloaded: number;
}

const CHILD = '--quality-case';

if (process.argv[2] === CHILD) {
  process.once('message', async (asked: QualityCase) => {
    const figures = await run(asked);
    process.send?.(figures, () => process.disconnect());
  });
}

export async function measureQuality(asked: QualityCase): Promise<QualityFigures> {
  const child = fork(new URL(import.meta.url), [CHILD], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send(asked);
  const [figures] = (await once(child, 'message')) as [QualityFigures];
  return figures;
}

async function run({ instance, seed, variant, timeLimitMs, cpu }: QualityCase): Promise<QualityFigures> {
  const model = await modelOf(instance, seed);
  const begin = elapsedMs(cpu);
  const plan = await solveModel(
    model,
    parseOptions({ variant, method: 'auto', seed, timeLimitMs }),
    within(timeLimitMs, cpu),
  );
  const timeMs = elapsedMs(cpu) - begin;
  const peakRssBytes = process.resourceUsage().maxRSS * 1024;
  const simple = (method: string) =>
    solveModel(model, parseOptions({ variant, method, timeLimitMs: 0 }), within(0, cpu));
  const biggestFirst = await simple('biggest-first');
  return {
    points: model.points.length,
    prefixes: model.prefixes.count,
    pairs: model.traffic.count,
    objective: plan.objective,
    lowerBound: plan.lowerBound,
    gap: plan.gap,
    overload: plan.overload.total,
    stopped: plan.stopped,
    timeMs,
    peakRssBytes,
    biggestFirst: { objective: biggestFirst.objective, overload: biggestFirst.overload.total },
    hotPotatoOverloaded: overloadedShare(await simple('hot-potato')),
  };
}

export async function modelOf(instance: Instance, seed: number): Promise<NetworkModel> {
  if (instance.kind === 'plane') return buildModel(planeNetwork(seed, { ...LARGE, prefixes: instance.prefixes }));
  const { topology, rib, neighbors, top } = instance;
  const file = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
  const { payload } = await importNetwork({
    topology: file(topology),
    rib: file(rib),
    settings: { seed, neighbors, top },
  });
  return buildModel(payload);
}

/** Limit by the clock, or by what this process has used. */
export function within(limitMs: number, cpu: boolean): RunControl {
  const end = elapsedMs(cpu) + limitMs;
  return { ...UNLIMITED, remainingMs: () => end - elapsedMs(cpu) };
}

function elapsedMs(cpu: boolean): number {
  if (!cpu) return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function overloadedShare({ points }: Plan): number {
  const used = points.flatMap(({ ingress, egress }) => [ingress, egress]).filter(({ load }) => load > 0);
  return used.filter(({ load, capacity }) => capacity !== null && load > capacity).length / used.length;
}

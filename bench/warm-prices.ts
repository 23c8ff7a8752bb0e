/**
 * Whole plans of traffic that changes by 3 % from one to the next, as mode `optimize` asks for them: sought from nothing, and from the
 * prices of the plan before.
 *
 *     node bench/warm-prices.ts [--json] [--prefixes 3000] [--points 8] [--plans 12]
 *
 * Processor time, by whose clock a plan has a second too; the two take turns. Everything from seed 1.
 */
import { parseArgs } from 'node:util';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { ReallocationRequest, RoomPrices } from '../src/manager/decision/reallocator.ts';
import { loadSolver, solverReallocator } from '../src/manager/solver/solver-reallocator.ts';
import { UNLIMITED } from '../src/optimizer/run/run-control.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    prefixes: { type: 'string', default: '3000' },
    points: { type: 'string', default: '8' },
    plans: { type: 'string', default: '12' },
  },
});
const [prefixCount, pointCount, planCount] = [values.prefixes, values.points, values.plans].map(Number);
const LIMIT_MS = 1000;
/** Plans before the first that count: the first ones compile. */
const UNCOUNTED = 3;
const CHANGE_COST = 0.5;

const generator = xoroshiro128plus(1);
const random = (): number => (generator.next() >>> 0) / 2 ** 32;
const ids = Array.from({ length: pointCount }, (_, p) => `p${p}`);
const prefixes = Array.from({ length: prefixCount }, (_, k) => {
  const learned = ids.filter(() => random() < 0.6);
  const options = learned.length > 1 ? learned : [ids[k % pointCount], ids[(k + 1) % pointCount]].sort();
  return { prefix: `10.${k >> 8}.${k & 255}.0/24`, mean: 1 / (k + 10), options };
}).sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
const homes = prefixes.map(({ options }) => options[Math.floor(random() * options.length)]);

function nextRequest(): ReallocationRequest {
  const volumes = prefixes.map(({ mean }) => mean * (0.97 + 0.06 * random()));
  const total = volumes.reduce((sum, volume) => sum + volume, 0);
  return {
    points: ids.map((id, p) => ({ id, room: (1.15 * total) / pointCount, price: 1 + (p % 4) })),
    prefixes: prefixes.map(({ prefix, options }, k) => ({
      prefix,
      volume: volumes[k],
      staying: volumes[k],
      current: homes[k],
      options,
    })),
    maxChanges: prefixCount,
    changeCost: CHANGE_COST,
  };
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function costOf({ points, prefixes: own, changeCost }: ReallocationRequest, moves: Map<string, string>): number {
  const price = new Map(points.map((point) => [point.id, point.price]));
  return own.reduce((sum, { prefix, volume, current }) => {
    const to = moves.get(prefix) ?? current;
    return sum + volume * ((price.get(to) ?? 0) + (to === current ? 0 : changeCost));
  }, 0);
}

async function solved(request: ReallocationRequest) {
  const start = processorMs();
  const remainingMs = (): number => start + LIMIT_MS - processorMs();
  const { fits, moves, prices } = await solverReallocator(() => ({ ...UNLIMITED, remainingMs }))(request);
  const ms = processorMs() - start;
  if (fits !== true) throw new Error(`no plan: fits is ${fits}, after ${ms} ms`);
  return { ms, cost: costOf(request, new Map(moves.map(({ prefix, to }) => [prefix, to]))), prices };
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

await loadSolver();
let prices: RoomPrices = {};
const [coldMs, warmMs, ratios]: number[][] = [[], [], []];
for (let plan = 0; plan < UNCOUNTED + planCount; plan++) {
  const request = nextRequest();
  const cold = await solved({ ...request, startPrices: {} });
  const warm = await solved({ ...request, startPrices: prices });
  prices = warm.prices ?? {};
  if (plan < UNCOUNTED) continue;
  coldMs.push(cold.ms);
  warmMs.push(warm.ms);
  ratios.push(warm.cost / cold.cost);
}
const report = {
  prefixCount,
  pointCount,
  planCount,
  coldMs: Math.round(median(coldMs)),
  warmMs: Math.round(median(warmMs)),
  /** Of the warm plan to the cold one. */
  costRatio: Math.round(median(ratios) * 1e4) / 1e4,
};
process.stdout.write(
  values.json
    ? `${JSON.stringify(report)}\n`
    : Object.entries(report)
        .map(([name, value]) => `${name.padEnd(12)} ${value}\n`)
        .join(''),
);

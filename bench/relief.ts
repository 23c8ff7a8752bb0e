/**
 * How long do the manager's questions to the optimizer take?
 *
 *     node bench/relief.ts [--json] [--count 80] [--limit 1000]
 *
 * Made-up reliefs, seeded: 50 or 200 prefixes of Zipf volumes that leave at one or more points, each of which is to be rid of 5 to
 * 40 % of its load, or of most of what so few changes can move; up to seven others with room for 2 to 22 % of all traffic; 5, 10 or
 * 30 changes; in three of ten questions less stays than would arrive. Every fourth asks how far it goes: what stays has a price, and no
 * room. `--limit`: milliseconds of one question.
 */
import { parseArgs } from 'node:util';
import type { ReallocationRequest } from '../src/manager/decision/reallocator.ts';
import { loadSolver, solverReallocator } from '../src/manager/solver/solver-reallocator.ts';
import { uniform } from '../src/optimizer/run/random.ts';
import { environment } from './measure.ts';
import { within } from './quality-case.ts';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    count: { type: 'string', default: '80' },
    limit: { type: 'string', default: '1000' },
  },
});

const answers: { fits: boolean | null; ms: number; changes: number; moved: number }[] = [];
await loadSolver();
for (let seed = 1; seed <= Number(flags.count); seed++) {
  const request = relief(seed);
  const start = performance.now();
  const control = within(Number(flags.limit), false);
  const { fits, moves } = await solverReallocator(() => control)(request);
  const ms = performance.now() - start;
  const volumes = new Map(request.prefixes.map(({ prefix, volume }) => [prefix, volume]));
  const moved = moves.reduce((sum, { prefix }) => sum + (volumes.get(prefix) ?? 0), 0);
  answers.push({ fits, ms, changes: moves.length, moved });
}

const times = answers.map(({ ms }) => ms).sort((a, b) => a - b);
const relieved = answers.filter(({ fits }) => fits === true);
const report = {
  environment: environment(),
  count: answers.length,
  relieved: relieved.length,
  refused: answers.filter(({ fits }) => fits === false).length,
  cut: answers.filter(({ fits }) => fits === null).length,
  medianMs: times[times.length >> 1],
  ninetiethMs: times[Math.floor(0.9 * times.length)],
  longestMs: times.at(-1),
  changes: relieved.reduce((sum, { changes }) => sum + changes, 0),
  moved: relieved.reduce((sum, { moved }) => sum + moved, 0),
};
const { environment: machine, ...figures } = report;
process.stdout.write(
  flags.json
    ? `${JSON.stringify(report, null, 2)}\n`
    : `${Object.values(machine).join(', ')}\n${Object.entries(figures)
        .map(([name, value]) => `${name.padEnd(12)} ${Math.round(Number(value))}\n`)
        .join('')}`,
);

function relief(seed: number): ReallocationRequest {
  const random = uniform(Math.imul(seed, 0x9e3779b1));
  const below = (bound: number): number => Math.floor(bound * random());
  const count = [50, 200, 200, 200][below(4)];
  const pointCount = 2 + below(7);
  const overCount = 1 + below(Math.max(1, pointCount / 3));
  const exponent = 0.5 + random();
  const maxChanges = [5, 10, 30][below(3)];
  const share = random() < 0.3 ? 0.9 : 1;
  const volumes = Array.from({ length: count }, (_, k) => 1000 / (k + 1 + 10 * random()) ** exponent);
  const current = volumes.map(() => below(overCount));
  const total = sum(volumes);
  const movable = sum(volumes.toSorted((a, b) => b - a).slice(0, maxChanges));
  const points = Array.from({ length: pointCount }, (_, p) => {
    if (p >= overCount) return { id: `p${p}`, price: 0, room: total * (0.02 + 0.2 * random()) };
    if (seed % 4 === 0) return { id: `p${p}`, price: 2000, room: null };
    const load = sum(volumes.filter((_, k) => current[k] === p));
    return {
      id: `p${p}`,
      price: 0,
      room: load - Math.min((0.05 + 0.35 * random()) * load, (0.8 * movable) / overCount),
    };
  });
  const prefixes = volumes.map((volume, k) => ({
    prefix: `10.${k >> 8}.${k & 255}.0/24`,
    volume,
    staying: volume * (share + (1 - share) * random()),
    current: `p${current[k]}`,
    options: points.filter((_, p) => p === current[k] || (p >= overCount && random() < 0.8)).map(({ id }) => id),
  }));
  return { points, prefixes, maxChanges, changeCost: 1 };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

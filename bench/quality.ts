/**
 * How near the optimum are the plans?
 *
 *     node bench/quality.ts [small] [tight] [medium] [ris] [synthetic] [--json] [--cpu]
 *                           [--count N] [--variant V] [--prefixes N] [--seconds N]
 *
 * small      the seeded tight networks of small-optima.json, 10 s each, against their proven optima
 * tight      as small, with capacities of 1.0 or up to 1.02 times the loads of the random plan, half of them larger: over capacity?
 * medium     Topology Zoo backbones, 20 neighbors, the 2,000 heaviest RouteViews prefixes, 30 s each, against the own bound
 * ris        the whole RIS table on GEANT and Cogent, 60 s each
 * synthetic  1M prefixes × 100 points × 8 egresses, 2M pairs, 20 neighbors, 180 s each
 *
 * Without a word: all of them, which takes about an hour. `--count` takes the first N of the small and tight ones, `--variant` one of
 * both of the others, `--prefixes` and `--seconds` another size and limit of the synthetic ones; `--cpu` counts seconds in
 * processor time of the process, where others share the machine. Capacities of all but the small ones are 1.1 times the
 * loads of a seeded random plan; volumes are Zipf 0.9; all traffic is synthetic.
 */
import { parseArgs } from 'node:util';
import { solve } from '../src/solve.ts';
import { environment } from './measure.ts';
import { type Instance, measureQuality, type QualityCase, within } from './quality-case.ts';
import { SMALL, type SmallShape, smallNetwork } from './small-networks.ts';
import { readSmallOptima } from './small-optima.ts';

const QUESTIONS = ['small', 'tight', 'medium', 'ris', 'synthetic'] as const;
type Question = (typeof QUESTIONS)[number];

const { values: flags, positionals } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    count: { type: 'string', default: '200' },
    cpu: { type: 'boolean', default: false },
    prefixes: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '180' },
    variant: { type: 'string' },
  },
  allowPositionals: true,
});
for (const word of positionals) {
  if (!QUESTIONS.some((question) => question === word)) throw new Error(`no question ${word}; there are ${QUESTIONS}`);
}
const wanted = (question: Question): boolean => positionals.length === 0 || positionals.includes(question);
const say = (line: string): void => {
  if (!flags.json) process.stdout.write(`${line}\n`);
};

const SMALL_LIMIT_MS = 10_000;
const FIRST_TIGHT_SEED = 1001;
const LARGER: SmallShape = { points: [6, 16], neighbors: [4, 12], prefixes: [20, 60], slack: [0, 0.02] };
/** By turns, each for both variants. */
const TIGHT: readonly SmallShape[] = [0, 0, 0.02, 0.02].flatMap((most, at) => {
  const shape = { ...(at % 2 === 0 ? SMALL : LARGER), slack: [0, most] } as const;
  return [shape, shape];
});
const GEANT = 'examples/data/Geant2012.graphml';
const ROUTEVIEWS = 'examples/data/routeviews-2014-05-23-sample.bgpdump.txt.gz';
const RIS = 'examples/data/ris-rrc00-2000-01-11.bgpdump.txt.gz';
const zoo = (name: string) => `test/fixtures/topology/${name}.graphml`;
const report: { [question in Question | 'environment']?: unknown } = { environment: environment() };

say(Object.values(environment()).join(', '));
if (wanted('small')) report.small = await small(Number(flags.count));
if (wanted('tight')) report.tight = await tight(Math.min(100, Number(flags.count)));
if (wanted('medium')) {
  const medium = (topology: string): Instance => {
    return { kind: 'import', topology, rib: ROUTEVIEWS, neighbors: 20, top: 2000 };
  };
  report.medium = await rows([GEANT, zoo('Uunet'), zoo('Tinet'), zoo('AttMpls')].map(medium), 30_000);
}
if (wanted('ris')) {
  const whole = (topology: string): Instance => {
    return { kind: 'import', topology, rib: RIS, neighbors: 10, top: null };
  };
  report.ris = await rows([GEANT, zoo('Cogentco')].map(whole), 60_000);
}
if (wanted('synthetic'))
  report.synthetic = await rows([{ kind: 'plane', prefixes: Number(flags.prefixes) }], 1000 * Number(flags.seconds));
if (flags.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);

async function small(count: number): Promise<unknown> {
  const { proven, replaced } = readSmallOptima();
  const asked = proven.slice(0, count);
  const gaps: { seed: number; variant: string; gap: number | null }[] = [];
  let overloaded = 0;
  for (const { seed, variant, optimum } of asked) {
    const plan = await solve(smallNetwork(seed), { variant, method: 'auto' }, within(SMALL_LIMIT_MS, flags.cpu));
    if (optimum === null) continue;
    const fits = plan.overload.total === 0;
    if (!fits) overloaded++;
    gaps.push({ seed, variant, gap: fits ? (plan.objective - optimum) / (optimum || 1) : null });
  }
  const found = gaps.flatMap(({ gap }) => (gap === null ? [] : [gap]));
  const mean = found.reduce((sum, gap) => sum + gap, 0) / found.length;
  const worst = Math.max(...found);
  const optimal = found.filter((gap) => gap < 1e-9).length;
  say(`\nsmall, 10 s each: ${asked.length} proven optima, ${replaced.length} seeds replaced that were not proven`);
  say(`  over capacity ${overloaded}, mean gap ${percent(mean)}, worst ${percent(worst)}, at the optimum ${optimal}`);
  return { count: asked.length, replaced: replaced.length, overloaded, mean, worst, optimal, gaps };
}

/** How many end over capacity, of networks that all have a plan within it. */
async function tight(count: number): Promise<unknown> {
  const overloaded: { seed: number; variant: string; overload: number }[] = [];
  for (let at = 0; at < count; at++) {
    const seed = FIRST_TIGHT_SEED + at;
    const variant = at % 2 === 0 ? 'ses' : 'mes';
    const payload = smallNetwork(seed, TIGHT[at % TIGHT.length]);
    const plan = await solve(payload, { variant, method: 'auto' }, within(SMALL_LIMIT_MS, flags.cpu));
    const overload = plan.overload.total;
    if (overload > 0) overloaded.push({ seed, variant, overload });
  }
  const seeds = overloaded.map(({ seed, variant, overload }) => `${seed} (${variant}, by ${overload})`);
  say(
    `\ntight, 10 s each: over capacity ${overloaded.length} of ${count}${seeds.map((seed) => `\n  seed ${seed}`).join('')}`,
  );
  return { count, overloaded };
}

async function rows(instances: readonly Instance[], timeLimitMs: number): Promise<unknown[]> {
  const done: unknown[] = [];
  for (const instance of instances) {
    for (const variant of ['ses', 'mes'] as const) {
      if (variant !== (flags.variant ?? variant)) continue;
      const asked: QualityCase = { instance, seed: 1, variant, timeLimitMs, cpu: flags.cpu };
      const figures = await measureQuality(asked);
      const { gap, overload, timeMs, peakRssBytes, points, prefixes, pairs, biggestFirst } = figures;
      const saved = 1 - figures.objective / biggestFirst.objective;
      say(
        `${nameOf(instance)} ${variant}: ${points} points, ${prefixes} prefixes, ${pairs} pairs; overload ${overload}, ` +
          `gap ${gap === null ? '-' : percent(gap)}, ${(timeMs / 1000).toFixed(1)} s, RSS ${Math.round(peakRssBytes / 1e6)} MB; ` +
          `${percent(saved)} below biggest-first, which overloads by ${biggestFirst.overload.toFixed(0)}; ` +
          `nearest exit overloads ${percent(figures.hotPotatoOverloaded)} of the sides it uses`,
      );
      done.push({ ...asked, figures, belowBiggestFirst: saved });
    }
  }
  return done;
}

function nameOf(instance: Instance): string {
  if (instance.kind === 'plane') return 'plane';
  return instance.topology.replace(/^.*\/|\.graphml$/g, '');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(3)} %`;
}

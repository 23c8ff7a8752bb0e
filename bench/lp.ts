/**
 * How fast is the exact relaxation, how does its cost grow, and how do other solvers do on the same program?
 *
 *     node bench/lp.ts [scale] [warm] [direct] [peers] [--json] [--small] [--limit SECONDS]
 *
 * scale   10k to 1M jobs × 100 machines × 8 arcs, slack 1.1 and 1.02, and kinds of costs and weights; a process each
 * warm    1M jobs again after 1 % of the volumes changed by up to ±20 %
 * direct  50k × 100 × 8 against HiGHS on the whole program
 * peers   the same LP file for glpsol, clp and cbc, each within the time limit (60 s unless told)
 *
 * Without a word: all of them. The first time of a process is cold, compilation included.
 */
import { parseArgs } from 'node:util';
import { type GapSize, type ZipfOptions, zipfGap } from './instances.ts';
import { type LpCase, type LpFigures, measureCase } from './lp-case.ts';
import { directHighs, nativePeers, type PeerResult } from './lp-peers.ts';
import { environment } from './measure.ts';

const QUESTIONS = ['scale', 'warm', 'direct', 'peers'] as const;
type Question = (typeof QUESTIONS)[number];

const { values: flags, positionals } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    small: { type: 'boolean', default: false },
    limit: { type: 'string', default: '60' },
  },
  allowPositionals: true,
});
const shrink = flags.small ? 20 : 1;
const REPETITIONS = 3;
/** The others are compiled beforehand: of so many times the median is one of compiled code. */
const PEERS_REPETITIONS = 25;
const report: { [question in Question | 'environment']?: unknown } = { environment: environment() };
const wanted = (question: Question): boolean => positionals.length === 0 || positionals.includes(question);
for (const word of positionals) {
  if (!QUESTIONS.some((question) => question === word)) throw new Error(`no question ${word}; there are ${QUESTIONS}`);
}
const say = (line: string): void => {
  if (!flags.json) process.stdout.write(`${line}\n`);
};

say(Object.values(environment()).join(', '));
if (wanted('scale')) report.scale = await scale();
if (wanted('warm')) report.warm = await warm();
if (wanted('direct')) report.direct = await direct();
if (wanted('peers')) report.peers = await peers();
if (flags.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);

async function scale(): Promise<unknown[]> {
  say('\nexact relaxation, 100 machines × 8 arcs');
  const rows: unknown[] = [];
  for (const slack of [1.1, 1.02]) {
    for (const jobs of [10_000, 30_000, 100_000, 300_000, 1_000_000]) rows.push(await row(caseOf(jobs, { slack })));
  }
  rows.push(await row(caseOf(1_000_000, { weights: 'general' })));
  rows.push(await row(caseOf(1_000_000, { costs: 'tied' })));
  rows.push(await row(caseOf(1_000_000, { slack: 0.98 })));
  return rows;
}

async function warm(): Promise<unknown> {
  say('\nwarm start after 1 % of the volumes changed by up to ±20 %');
  const asked = { ...caseOf(1_000_000, { slack: 1.02 }), changed: 0.01 };
  const figures = await measureCase(asked);
  say(
    `${nameOf(asked)}: cold ${seconds(median(figures.timesMs))}, warm ${seconds(median(figures.warmMs))} ` +
      `(first ${seconds(figures.warmMs[0])}), gap ${figures.warmGap.toExponential(1)}`,
  );
  return { case: asked, figures };
}

async function direct(): Promise<unknown> {
  const asked = caseOf(50_000, {});
  say(`\nagainst HiGHS on the whole program: ${nameOf(asked)}`);
  const figures = await measureCase(asked);
  const instance = zipfGap(asked.seed, asked, asked);
  const results = [await directHighs(instance, 'ipm')];
  return { case: asked, figures, peers: compared(figures, results) };
}

async function peers(): Promise<unknown[]> {
  const rows: unknown[] = [];
  for (const jobs of [2_000, 10_000, 50_000]) {
    const asked = { ...caseOf(jobs, {}), repetitions: PEERS_REPETITIONS };
    say(`\nagainst native solvers: ${nameOf(asked)}`);
    const figures = await measureCase(asked);
    const results = await nativePeers(zipfGap(asked.seed, asked, asked), Number(flags.limit));
    rows.push({ case: asked, figures, peers: compared(figures, results) });
  }
  return rows;
}

function caseOf(jobs: number, change: Partial<ZipfOptions>): LpCase {
  const size: GapSize = { jobs: jobs / shrink, machines: 100, arcs: 8 };
  const options: ZipfOptions = { slack: 1.1, costs: 'mixed', weights: 'shared', ...change };
  return { seed: 1, ...size, ...options, repetitions: REPETITIONS, changed: 0 };
}

async function row(asked: LpCase): Promise<unknown> {
  const figures = await measureCase(asked);
  const { timesMs, rounds, gap, wasmBytes, peakRssBytes, leastOverload } = figures;
  say(
    `${nameOf(asked).padEnd(50)} median ${seconds(median(timesMs))}, cold ${seconds(timesMs[0])}, ${rounds} rounds, ` +
      `gap ${gap.toExponential(1)}, wasm ${mega(wasmBytes)}, peak RSS ${mega(peakRssBytes)}` +
      (leastOverload === null ? '' : `, least overload ${leastOverload}`),
  );
  return { case: asked, figures };
}

/** Ratios to the median of our own times, the first and cold one included. */
function compared(figures: LpFigures, results: readonly PeerResult[]): unknown[] {
  const own = median(figures.timesMs);
  say(`  ${'egresso'.padEnd(34)} ${seconds(own)} (cold ${seconds(figures.timesMs[0])}), value ${figures.value}`);
  return results.map((peer) => {
    if (peer.timeMs === null || peer.value === null) {
      say(`  ${peer.name.padEnd(34)} ${peer.note}`);
      return peer;
    }
    const ratio = peer.timeMs / own;
    const difference = Math.abs(peer.value - figures.value) / figures.value;
    say(
      `  ${peer.name.padEnd(34)} ${seconds(peer.timeMs)}, ${ratio.toFixed(1)} × as long, value ${peer.value}, ` +
        `relative difference ${difference.toExponential(1)} ${peer.note}`,
    );
    return { ...peer, ratio, difference };
  });
}

function nameOf({ jobs, machines, arcs, slack, costs, weights }: LpCase): string {
  return `${jobs} × ${machines} × ${arcs}, slack ${slack}, ${costs} costs, ${weights} weights`;
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}

function mega(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

/**
 * Proves the optima that `bench/quality.ts` judges by, and keeps them in small-optima.json.
 *
 *     node bench/small-optima.ts [--count 200] [--minutes 5] [--from 1]
 *
 * Takes seeds one after the other, by turns SES and MES, each until its plan is proven or the minutes are over; a seed
 * that is not proven is replaced by the next and listed. What the file holds already is not proven again.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { solve } from '../src/solve.ts';
import { smallNetwork } from './small-networks.ts';

export interface SmallOptimum {
  readonly seed: number;
  readonly variant: 'ses' | 'mes';
  /** Null where it is proven that no plan fits. */
  readonly optimum: number | null;
}

export interface SmallOptima {
  readonly proven: SmallOptimum[];
  /** Seeds whose optimum was not proven within `minutes`. */
  readonly replaced: { readonly seed: number; readonly variant: 'ses' | 'mes'; readonly minutes: number }[];
}

const FILE = new URL('./small-optima.json', import.meta.url);

export function readSmallOptima(): SmallOptima {
  return existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : { proven: [], replaced: [] };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '200' },
      minutes: { type: 'string', default: '5' },
      from: { type: 'string', default: '1' },
    },
  });
  const optima = readSmallOptima();
  const known = new Set([...optima.proven, ...optima.replaced].map(({ seed }) => seed));
  for (let seed = Number(values.from); optima.proven.length < Number(values.count); seed++) {
    if (known.has(seed)) continue;
    const variant = seed % 2 === 1 ? 'ses' : 'mes';
    const minutes = Number(values.minutes);
    const plan = await solve(smallNetwork(seed), { variant, method: 'auto', timeLimitMs: minutes * 60_000 });
    if (plan.status === 'optimal') optima.proven.push({ seed, variant, optimum: plan.objective });
    else if (plan.lowerBound === null) optima.proven.push({ seed, variant, optimum: null });
    else optima.replaced.push({ seed, variant, minutes });
    const lines = (rows: readonly unknown[]) =>
      rows.map((row) => `    ${JSON.stringify(row, null, 1).replace(/\n */g, ' ')}`).join(',\n');
    writeFileSync(
      FILE,
      `{\n  "proven": [\n${lines(optima.proven)}\n  ],\n  "replaced": [\n${lines(optima.replaced)}\n  ]\n}\n`,
    );
    process.stdout.write(`${seed} ${variant} ${plan.status} ${plan.objective} bound ${plan.lowerBound}\n`);
  }
}

/** `egresso demo`: a network of public data and synthetic traffic, solved and compared with the baselines. */
import { Command } from 'commander';
import { parseOptions, type SolveOptions } from '../model/options.ts';
import { type DemoRow, demoText, rowOf, withSharedBounds } from './demo-table.ts';
import { packageFile } from './package-root.ts';
import { stepProgress } from './progress.ts';
import { EXIT_INTERRUPTED, type Session, write } from './session.ts';
import type { Solver } from './solver.ts';
import { withSolver } from './with-solver.ts';

const SETTINGS = { seed: 1, neighbors: 10 };
const TOPOLOGY = 'examples/data/Geant2012.graphml';
const RIB = 'examples/data/ris-rrc00-2000-01-11.bgpdump.txt.gz';

/** All runs together stay under a minute on two cores. A simple rule needs no time but for a bound, which `auto` has. */
const TIME_LIMIT_MS = { auto: 20_000, 'biggest-first': 0, 'hot-potato': 0 };
/** What follows takes more time than it is worth here. */
const GAP_TARGET = 4e-4;
const VARIANTS = ['ses', 'mes'] as const;
const METHODS = ['auto', 'biggest-first', 'hot-potato'] as const;

export function demoCommand(session: Session): Command {
  return new Command('demo')
    .description('Solve the example network, and compare the plans with two simple rules. Takes less than a minute.')
    .option('--json', 'print the rows of the table as JSON')
    .action((flags: { readonly json?: true }) => demo(flags.json === true, session));
}

async function demo(json: boolean, session: Session): Promise<void> {
  const runs = VARIANTS.flatMap((variant) => METHODS.map((method) => demoOptions(variant, method)));
  const progress = stepProgress(session.stderr, 1 + runs.length);
  const rows: DemoRow[] = [];
  const solveAll = async (solver: Solver): Promise<void> => {
    const files = { topology: packageFile(TOPOLOGY), rib: packageFile(RIB), settings: SETTINGS };
    const { result: imported } = await progress.step('import', () => solver.import(files));
    for (const options of runs) {
      const name = `${options.variant} ${options.method}`;
      const { result: plan, ms } = await progress.step(name, (report) => solver.solve(options, report));
      rows.push(rowOf(plan, ms));
      if (solver.isCancelled) break;
    }
    progress.end();
    if (solver.isCancelled) session.exitCode = EXIT_INTERRUPTED;
    const compared = withSharedBounds(rows);
    const text = json ? `${JSON.stringify(compared)}\n` : demoText(imported.summary, compared, SETTINGS.seed);
    await write(session.stdout, text);
  };
  await withSolver(session, solveAll).finally(progress.end);
}

function demoOptions(variant: (typeof VARIANTS)[number], method: (typeof METHODS)[number]): SolveOptions {
  return parseOptions({ variant, method, timeLimitMs: TIME_LIMIT_MS[method], gapTarget: GAP_TARGET });
}

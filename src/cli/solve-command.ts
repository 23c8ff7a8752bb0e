import { Command, Option } from 'commander';
import { encodeBody } from '../formats/codec.ts';
import { parseOptions, SolveOptionsSchema } from '../model/options.ts';
import type { Plan } from '../plan/plan.ts';
import { number, seconds } from './arguments.ts';
import { readModelFile, typeByName } from './model-file.ts';
import { formatSeconds } from './numbers.ts';
import { checkWritable, writeResult } from './output-file.ts';
import { planSummary } from './plan-summary.ts';
import { runProgress } from './progress.ts';
import { EXIT_INTERRUPTED, type Session, write } from './session.ts';
import type { Solver } from './solver.ts';
import { withSolver } from './with-solver.ts';

interface SolveFlags {
  readonly variant?: string;
  readonly method?: string;
  readonly timeLimit?: number;
  readonly gapTarget?: number;
  readonly iterations?: number;
  readonly seed?: number;
  readonly threshold?: number;
  readonly changeCost?: number;
  readonly maxChanges?: number;
  readonly json?: true;
  readonly output?: string;
}

const { variant, method } = SolveOptionsSchema.properties;

export function solveCommand(session: Session): Command {
  return new Command('solve')
    .description('Solve a model: where each flow enters and leaves, what that costs, and how far from the best it is.')
    .argument('<model>', 'model file (JSON or msgpack, may be gzip), or - for stdin')
    .addOption(
      new Option('--variant <name>', 'single or multiple egress selection (default ses)').choices(variant.enum),
    )
    .addOption(new Option('--method <name>', 'how the plan is computed (default auto)').choices(method.enum))
    .option('--time-limit <seconds>', 'wall-clock limit (default 30)', seconds)
    .option('--gap-target <ratio>', 'stop at this relative gap (default 0.0001)', number)
    .option('--iterations <count>', 'iterations of the alternation (default 10)', number)
    .option('--seed <number>', 'seed of every random choice (default 1)', number)
    .option('--threshold <share>', 'usable share of every capacity (default 1)', number)
    .option('--change-cost <cost>', 'cost per unit of volume moved away from the current choice (default 0)', number)
    .option('--max-changes <count>', 'most pairs that may leave their current choice (default: any number)', number)
    .option('--json', 'print the plan as JSON instead of a summary')
    .option('-o, --output <file>', 'write the plan to a file, JSON or, where it ends in .msgpack, msgpack')
    .action((path: string, flags: SolveFlags) => solveFile(path, flags, session));
}

async function solveFile(path: string, flags: SolveFlags, session: Session): Promise<void> {
  const options = parseOptions(givenOptions(flags));
  if (flags.output !== undefined) await checkWritable(flags.output);
  const model = await readModelFile(path, session.stdin);
  const progress = runProgress(session.stderr, options.timeLimitMs);
  const solveIt = async (solver: Solver): Promise<void> => {
    await solver.decode(model);
    const started = performance.now();
    const plan = await solver.solve(options, progress.report);
    const elapsed = performance.now() - started;
    progress.end();
    session.exitCode = plan.stopped === 'cancelled' ? EXIT_INTERRUPTED : plan.status === 'overloaded' ? 3 : 0;
    await writePlan(plan, flags, session);
    if (!flags.json) await write(session.stderr, `Solved in ${formatSeconds(elapsed)}.\n`);
  };
  const onCancel = () => {
    progress.end();
    session.stderr.write('egresso: stopping with the best plan so far; interrupt again to quit at once\n');
  };
  await withSolver(session, solveIt, onCancel).finally(progress.end);
}

/** Only what was given, so that defaults stand in one place. */
function givenOptions(flags: SolveFlags): object {
  const { json: _json, output: _output, timeLimit, ...options } = flags;
  return timeLimit === undefined ? options : { ...options, timeLimitMs: timeLimit };
}

async function writePlan(plan: Plan, { json, output }: SolveFlags, { stdout }: Session): Promise<void> {
  if (output !== undefined) {
    const type = typeByName(output) ?? 'application/json';
    await writeResult(output, encodeBody(plan, type), stdout);
  } else if (json) await write(stdout, `${JSON.stringify(plan)}\n`);
  if (!json && output !== '-') await write(stdout, planSummary(plan));
}

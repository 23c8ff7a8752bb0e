import { Command } from 'commander';
import { encodeBody } from '../formats/codec.ts';
import { parseOptions } from '../model/options.ts';
import type { Plan } from '../plan/plan.ts';
import { readModelFile, typeByName } from './model-file.ts';
import { formatSeconds } from './numbers.ts';
import { checkWritable, writeResult } from './output-file.ts';
import { planSummary } from './plan-summary.ts';
import { runProgress } from './progress.ts';
import { EXIT_INTERRUPTED, type Session, write } from './session.ts';
import { addSolveOptions, givenOptions, type SolveOptionFlags } from './solve-options.ts';
import type { Solver } from './solver.ts';
import { withSolver } from './with-solver.ts';

interface SolveFlags extends SolveOptionFlags {
  readonly json?: true;
  readonly output?: string;
}

export function solveCommand(session: Session): Command {
  const command = new Command('solve')
    .description('Solve a model: where each flow enters and leaves, what that costs, and how far from the best it is.')
    .argument('<model>', 'model file (JSON or msgpack, may be gzip), or - for stdin');
  return addSolveOptions(command)
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

async function writePlan(plan: Plan, { json, output }: SolveFlags, { stdout }: Session): Promise<void> {
  if (output !== undefined) {
    const type = typeByName(output) ?? 'application/json';
    await writeResult(output, encodeBody(plan, type), stdout);
  } else if (json) await write(stdout, `${JSON.stringify(plan)}\n`);
  if (!json && output !== '-') await write(stdout, planSummary(plan));
}

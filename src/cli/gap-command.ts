import { Command } from 'commander';
import { parseGap } from '../formats/gap-orlib.ts';
import { inputName, readText } from '../formats/input.ts';
import type { GapResult } from '../gap.ts';
import { parseGapOptions } from '../model/options.ts';
import { denseGap, type GapInstance } from '../problem/gap-instance.ts';
import { seconds } from './arguments.ts';
import { formatCount, formatNumber, formatPercent, formatSeconds } from './numbers.ts';
import { runProgress } from './progress.ts';
import { EXIT_INTERRUPTED, type Session, write } from './session.ts';
import type { Solver } from './solver.ts';
import { formatFields } from './table.ts';
import { withSolver } from './with-solver.ts';

interface GapFlags {
  readonly timeLimit?: number;
  readonly json?: true;
}

export function gapCommand(session: Session): Command {
  return new Command('gap')
    .description('Solve a generalized assignment instance: every job to one machine, at least cost, within capacities.')
    .argument('<file>', 'instance in the layout of the OR-Library, may be gzip, or - for stdin')
    .option('--time-limit <seconds>', 'wall-clock limit (default 30)', seconds)
    .option('--json', 'print {status, cost, lowerBound, gap, overload, assignment}')
    .action((path: string, flags: GapFlags) => solveInstance(path, flags, session));
}

async function solveInstance(path: string, flags: GapFlags, session: Session): Promise<void> {
  const options = parseGapOptions(flags.timeLimit === undefined ? {} : { timeLimitMs: flags.timeLimit });
  const input = path === '-' ? session.stdin : path;
  const instance = denseGap(parseGap(await readText(input), inputName(input)));
  const started = performance.now();
  const progress = runProgress(session.stderr, options.timeLimitMs);
  const solveIt = async (solver: Solver): Promise<void> => {
    const result = await solver.assign(instance, options, progress.report);
    progress.end();
    session.exitCode = solver.isCancelled ? EXIT_INTERRUPTED : result.status === 'overloaded' ? 3 : 0;
    if (flags.json) return write(session.stdout, `${JSON.stringify(result)}\n`);
    await write(session.stdout, summary(instance, result));
    await write(session.stderr, `Solved in ${formatSeconds(performance.now() - started)}.\n`);
  };
  const onCancel = () => {
    progress.end();
    session.stderr.write('egresso: stopping with the best assignment so far; interrupt again to quit at once\n');
  };
  await withSolver(session, solveIt, onCancel).finally(progress.end);
}

function summary({ jobCount, machineCount }: GapInstance, result: GapResult): string {
  const { status, cost, lowerBound, gap, overload, assignment } = result;
  return formatFields([
    ['Instance', `${formatCount(jobCount, 'job')}, ${formatCount(machineCount, 'machine')}`],
    ['Status', status],
    ['Cost', formatNumber(cost)],
    ['Lower bound', lowerBound === null ? 'none: no assignment fits' : formatNumber(lowerBound)],
    ['Gap', formatPercent(gap)],
    ['Overload', overloadLine(overload)],
    ['Assignment', `${assignment.join(' ')} (machine of each job, from 0)`],
  ]);
}

function overloadLine({ total, leastPossible, machines }: GapResult['overload']): string {
  if (total === 0) return 'none';
  const least = leastPossible === null ? 'not proven that none fits' : `at least ${formatNumber(leastPossible)} proven`;
  const where = machines.map(({ machine, amount }) => `machine ${machine} lacks ${formatNumber(amount)}`);
  return `${formatNumber(total)} (${least}): ${where.join(', ')}`;
}

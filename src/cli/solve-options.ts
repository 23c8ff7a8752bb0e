/** The options of a solve on the command line. */
import { type Command, Option } from 'commander';
import { SolveOptionsSchema } from '../model/options.ts';
import { number, seconds } from './arguments.ts';

export interface SolveOptionFlags {
  readonly variant?: string;
  readonly method?: string;
  readonly timeLimit?: number;
  readonly gapTarget?: number;
  readonly iterations?: number;
  readonly seed?: number;
  readonly threshold?: number;
  readonly changeCost?: number;
  readonly maxChanges?: number;
}

const { variant, method } = SolveOptionsSchema.properties;

export function addSolveOptions(command: Command): Command {
  return command
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
    .option('--max-changes <count>', 'most pairs that may leave their current choice (default: any number)', number);
}

/** Only what was given, so that defaults stand in one place. */
export function givenOptions(flags: SolveOptionFlags): object {
  const { variant, method, gapTarget, iterations, seed, threshold, changeCost, maxChanges } = flags;
  const { timeLimit: timeLimitMs } = flags;
  const all = { variant, method, timeLimitMs, gapTarget, iterations, seed, threshold, changeCost, maxChanges };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

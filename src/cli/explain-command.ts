import { Command } from 'commander';
import { explainPlan } from '../explain.ts';
import { buildModel } from '../model/build-model.ts';
import type { Explanation } from '../plan/explanation.ts';
import { number, seconds } from './arguments.ts';
import { decodeModel, readModelFile } from './model-file.ts';
import { formatNumber } from './numbers.ts';
import { readPlanFile } from './plan-file.ts';
import { type Session, write } from './session.ts';
import { formatFields, formatTable } from './table.ts';

interface ExplainFlags {
  readonly model: string;
  readonly prefix: string;
  readonly neighbor?: string;
  readonly maxSolves?: number;
  readonly timeLimit?: number;
  readonly solve: boolean;
  readonly json?: true;
}

type Pair = Explanation['pairs'][number];
type Alternative = Pair['alternatives'][number];

export function explainCommand(session: Session): Command {
  return new Command('explain')
    .description('Explain where a plan has a prefix: what binds, what else there was, and what forcing it would cost.')
    .argument('<plan>', 'plan, as solve writes it (JSON or msgpack, may be gzip), or - for stdin')
    .requiredOption('--model <file>', 'model that the plan is for')
    .requiredOption('--prefix <id>', 'prefix to explain')
    .option('--neighbor <id>', 'of this neighbor only (default: all that send to the prefix)')
    .option('--max-solves <count>', 'alternatives to solve again, the cheapest first (default 24)', number)
    .option('--time-limit <seconds>', 'for each of them (default 5)', seconds)
    .option('--no-solve', 'do not solve again')
    .option('--json', 'print the explanation as JSON')
    .action((path: string, flags: ExplainFlags) => explainFile(path, flags, session));
}

async function explainFile(path: string, flags: ExplainFlags, session: Session): Promise<void> {
  const { model: modelPath, prefix, neighbor, maxSolves, timeLimit, solve, json } = flags;
  const model = buildModel(decodeModel(await readModelFile(modelPath, session.stdin)));
  const plan = await readPlanFile(path, session);
  const options = {
    prefix,
    solve,
    ...(neighbor !== undefined && { neighbor }),
    ...(maxSolves !== undefined && { maxSolves }),
    ...(timeLimit !== undefined && { timeLimitMs: timeLimit }),
  };
  const explanation = await explainPlan(model, plan, options);
  await write(session.stdout, json ? `${JSON.stringify(explanation)}\n` : described(explanation));
}

function described({ prefix, variant, egressSet, binding, pairs }: Explanation): string {
  const bound = binding.map(
    ({ point, side, load, capacity, shadowPrice }) =>
      `${side} of ${point}: ${formatNumber(load)} of ${formatNumber(capacity)}, shadow price ${formatNumber(shadowPrice)}`,
  );
  const head = formatFields([
    ['Prefix', `${prefix} (${variant})`],
    ['Leaves at', egressSet.join(', ')],
    ...(bound.length === 0 ? [['Binding', 'nothing'] as const] : bound.map((line) => ['Binding', line] as const)),
  ]);
  return [head, ...pairs.map(pairTable)].join('\n');
}

function pairTable({ neighbor, volume, ingress, egress, cost, alternatives }: Pair): string {
  const title = `${neighbor}: ${formatNumber(volume)} by ${ingress} and ${egress}, cost ${formatNumber(cost)}`;
  return `${formatFields([['Neighbor', title]])}${formatTable<Alternative>(
    [
      { head: 'Ingress', align: 'left', cell: (one) => one.ingress },
      { head: 'Egress', align: 'left', cell: (one) => one.egress },
      { head: 'Alone', align: 'right', cell: (one) => signed(one.difference) },
      {
        head: 'Verdict',
        align: 'left',
        cell: (one) => (one.obstacle === null ? one.verdict : `${one.verdict} of ${one.obstacle}`),
      },
      { head: 'Forced', align: 'right', cell: forcedCell },
    ],
    alternatives,
  )}`;
}

function forcedCell({ forced }: Alternative): string {
  if (forced === null) return '';
  const { status, difference, overload } = forced;
  if (difference !== null) return signed(difference);
  return overload === null ? status : `${status} by ${formatNumber(overload)}`;
}

function signed(difference: number | null): string {
  if (difference === null) return 'no way';
  return difference > 0 ? `+${formatNumber(difference)}` : formatNumber(difference);
}

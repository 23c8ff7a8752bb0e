import { Command } from 'commander';
import { diffPlans, type PlanDifference } from '../plan/diff.ts';
import { formatNumber, printable } from './numbers.ts';
import { readPlanFile } from './plan-file.ts';
import { type Session, write } from './session.ts';

interface DiffFlags {
  readonly json?: true;
}

export function diffCommand(session: Session): Command {
  return new Command('diff')
    .description('Compare two plans of one model: which pairs go another way, and what that does to cost and loads.')
    .argument('<plan>', 'plan before, as solve writes it (JSON or msgpack, may be gzip), or - for stdin')
    .argument('<plan>', 'plan after')
    .option('--json', 'print the difference as JSON')
    .action((from: string, to: string, flags: DiffFlags) => diffFiles(from, to, flags, session));
}

async function diffFiles(from: string, to: string, { json }: DiffFlags, session: Session): Promise<void> {
  const [before, after] = [await readPlanFile(from, session), await readPlanFile(to, session)];
  const difference = diffPlans(before, after);
  await write(session.stdout, json ? `${JSON.stringify(difference)}\n` : unified(difference, from, to));
}

/** Empty where the plans are equal. */
function unified({ variant, cost, overload, pairs, points }: PlanDifference, from: string, to: string): string {
  const lines = [
    ...changed('variant', variant.from, variant.to),
    ...changed('cost', formatNumber(cost.from), formatNumber(cost.to)),
    ...changed('overload', formatNumber(overload.from), formatNumber(overload.to)),
    ...points.flatMap((one) =>
      changed(`${one.side} load of ${one.point}`, formatNumber(one.from), formatNumber(one.to)),
    ),
    ...pairs.flatMap((pair) =>
      changed(
        `${pair.neighbor} to ${pair.prefix}`,
        `${pair.from.ingress} > ${pair.from.egress}`,
        `${pair.to.ingress} > ${pair.to.egress}`,
      ),
    ),
  ];
  if (lines.length === 0) return '';
  return [`--- ${from}`, `+++ ${to}`, ...lines].map((line) => `${printable(line)}\n`).join('');
}

function changed(what: string, from: string, to: string): string[] {
  return from === to ? [] : [`-${what}: ${from}`, `+${what}: ${to}`];
}

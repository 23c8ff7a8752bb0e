/** The plan that a method begins with: those of the patent and the baselines, which need no bound. */
import { type Choice, evaluate } from '../../problem/choice.ts';
import { biggestFirst, hotPotato } from '../alternation/baselines.ts';
import { multipleEgress } from '../alternation/multiple-egress.ts';
import { arcCountOf, SEPARATION_ARCS } from '../alternation/proximity-relaxation.ts';
import { type Alternation, singleEgress } from '../alternation/single-egress.ts';
import { prefixesWithoutSingleEgress } from '../alternation/start.ts';
import type { Candidate } from '../run/incumbent.ts';
import { withShare } from '../run/run-control.ts';
import type { Account } from './account.ts';

/** Null where the method has none of its own. */
export function firstPlan(account: Account): Candidate | null {
  const { problem, control } = account;
  const { variant, method, iterations } = account.options;
  if (method === 'biggest-first') return baseline(account, biggestFirst(problem));
  if (method === 'hot-potato') return baseline(account, hotPotato(problem, variant));
  if (method === 'joint' || (method === 'auto' && arcCountOf(problem) > SEPARATION_ARCS)) return null;
  if (variant === 'ses') return alternated(account, singleEgress(problem, iterations, withShare(control, 0.3)));
  // A plan of single egresses is a plan for MES too: `auto` never answers with a worse one.
  const single =
    method === 'auto' && prefixesWithoutSingleEgress(problem).length === 0
      ? alternated(account, singleEgress(problem, iterations, withShare(control, 0.15)))
      : undefined;
  return alternated(account, multipleEgress(problem, iterations, withShare(control, 0.2), single?.choice));
}

function alternated(account: Account, { phases, settled, ...candidate }: Alternation): Candidate {
  account.phases.push(...phases);
  account.endedByIterations = !settled;
  return candidate;
}

function baseline({ problem, options, phases }: Account, choice: Choice): Candidate {
  const evaluation = evaluate(problem, choice);
  const { objective, overload } = evaluation;
  phases.push({ phase: options.method, iterations: 1, objective, overload });
  return { choice, evaluation };
}

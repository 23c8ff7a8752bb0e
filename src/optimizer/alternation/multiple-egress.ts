/**
 * MULTIPLEEGRESS: the alternation for multiple egress selection.
 *
 * As SINGLEEGRESS, but step 5 enters a pair only where no open egress of its prefix is closer than its own, and step 7
 * chooses an egress set for every prefix (see step7).
 *
 * Guarantee: every iterate respects In(h), Out(k), proximity and eligibility; the best by overload, then objective, is
 * returned, overload left or not. Cost: two relaxations and one run of moves a round.
 */
import type { Choice } from '../../problem/choice.ts';
import type { Problem } from '../../problem/problem.ts';
import { Incumbent } from '../run/incumbent.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import { attemptStage } from '../run/stage.ts';
import { assignIngress } from './ingress-stage.ts';
import { type Alternation, sameArray } from './single-egress.ts';
import { initialEgress } from './start.ts';
import { chooseEgressSets, openSets } from './step7.ts';

/** `start` is a valid choice to begin from; step 1 of the patent where it is left out. */
export function multipleEgress(problem: Problem, iterations: number, control: RunControl, start?: Choice): Alternation {
  let choice = start ?? initialEgress(problem, control);
  const incumbent = Incumbent.of(problem, choice, control);

  let prices: Float64Array | undefined;
  let iteration = 0;
  let settled = false;
  attemptStage(control, () => {
    while (!settled && iteration < iterations && !stopRequested(control)) {
      iteration++;
      const entered = assignIngress(problem, choice, openSets(problem, choice.slot), control);
      incumbent.offer({ ...choice, ingress: entered.ingress });
      const sets = chooseEgressSets(problem, entered.ingress, choice.slot, control, prices);
      prices = sets.prices ?? undefined;
      settled = sameArray(choice.ingress, entered.ingress) && sameArray(choice.slot, sets.slot);
      choice = { ingress: entered.ingress, slot: sets.slot };
      const { objective, overload } = incumbent.offer(choice);
      control.report({ phase: 'alternating', incumbent: overload > 0 ? null : objective, bound: null });
    }
  });
  const best = incumbent.candidate;
  const { objective, overload } = best.evaluation;
  return { ...best, settled, phases: [{ phase: 'alternating', iterations: iteration, objective, overload }] };
}

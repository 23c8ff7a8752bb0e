/**
 * SINGLEEGRESS (FIG. 3): the alternation for single egress selection.
 *
 * Step 1 assigns prefixes to egress points, the ingress side unlimited; then, `iterations` times, step 5 assigns pairs to
 * ingress points for the egresses at hand and step 7 prefixes to egress points for those ingresses. Each is an assignment
 * problem solved by relaxation, rounding and GREEDY. It ends early when a round changes nothing.
 *
 * Guarantee: every iterate respects In(h), Out(k) and the single egress; the best by overload, then objective, is
 * returned, overload left or not. Cost: two relaxations a round.
 */
import type { Choice } from '../../problem/choice.ts';
import type { Problem } from '../../problem/problem.ts';
import { type Candidate, Incumbent, type Phase } from '../run/incumbent.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import { attemptStage } from '../run/stage.ts';
import { assignEgress, cheapestIngress } from './egress-stage.ts';
import { assignIngress } from './ingress-stage.ts';
import { cheapestChoice } from './start.ts';

export interface Alternation extends Candidate {
  readonly phases: readonly Phase[];
  /** The last round changed nothing. */
  readonly settled: boolean;
}

export function singleEgress(problem: Problem, iterations: number, control: RunControl): Alternation {
  const initial = attemptStage(control, () => assignEgress(problem, null, undefined, control));
  const first = initial?.slot ?? cheapestChoice(problem, 'ses', control).slot;
  let choice: Choice = { slot: first, ingress: first.map((slot, pair) => cheapestIngress(problem, pair, slot)) };
  const incumbent = Incumbent.of(problem, choice, control);

  let prices = initial?.prices;
  let iteration = 0;
  let settled = false;
  attemptStage(control, () => {
    while (!settled && iteration < iterations && !stopRequested(control)) {
      iteration++;
      const { ingress } = assignIngress(problem, choice, null, control);
      incumbent.offer({ ingress, slot: choice.slot });
      const egress = assignEgress(problem, ingress, prices, control);
      prices = egress.prices;
      settled = sameArray(choice.ingress, ingress) && sameArray(choice.slot, egress.slot);
      choice = { ingress, slot: egress.slot };
      const { objective, overload } = incumbent.offer(choice);
      control.report({ phase: 'alternating', incumbent: overload > 0 ? null : objective, bound: null });
    }
  });
  const best = incumbent.candidate;
  const { objective, overload } = best.evaluation;
  return { ...best, settled, phases: [{ phase: 'alternating', iterations: iteration, objective, overload }] };
}

export function sameArray(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

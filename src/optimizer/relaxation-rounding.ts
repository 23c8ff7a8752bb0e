/**
 * A plan from the relaxation of the whole problem (see bound): every prefix takes the choice that has the largest share.
 *
 * At a vertex at most one prefix is split for each side of a point, so few are rounded; what overload that leaves is
 * mended by turns: egress by GREEDY (SES) or by the moves of step 7 (MES) for the ingresses at hand, ingress by assignment
 * for the egresses at hand. No guarantee but that every iterate respects the rules; the best is returned.
 */
import { loadLimit } from '../problem/capacity.ts';
import type { Choice } from '../problem/choice.ts';
import type { Problem } from '../problem/problem.ts';
import { type Candidate, Incumbent, sameArray } from './alternation.ts';
import type { Relaxation } from './column-generation.ts';
import { egressStage } from './egress-stage.ts';
import { assignIngress } from './ingress-stage.ts';
import { greedy, step7 as improveSets } from './kernels.ts';
import { applyColumn, type PrefixOracle } from './prefix-oracle.ts';
import { type RunControl, stopRequested } from './run-control.ts';
import { openSets, step7Instance } from './step7.ts';

const TURNS = 6;

export function roundRelaxation(
  problem: Problem,
  variant: 'ses' | 'mes',
  oracle: PrefixOracle,
  relaxation: Relaxation,
  control: RunControl,
): Candidate & { readonly turns: number } {
  let choice: Choice = largestShares(problem, oracle, relaxation);
  const incumbent = Incumbent.of(problem, choice);
  let turn = 0;
  while (turn < TURNS && !stopRequested(control)) {
    turn++;
    const slot = variant === 'ses' ? mendSingle(problem, choice) : mendSets(problem, choice);
    incumbent.offer({ ...choice, slot });
    const open = variant === 'ses' ? null : openSets(problem, slot);
    const { ingress } = assignIngress(problem, { ...choice, slot }, open, control);
    const settled = sameArray(slot, choice.slot) && sameArray(ingress, choice.ingress);
    choice = { ingress, slot };
    incumbent.offer(choice);
    if (settled) break;
  }
  return { ...incumbent.candidate, turns: turn };
}

function largestShares(problem: Problem, oracle: PrefixOracle, { pool, share }: Relaxation): Choice {
  const choice = { ingress: new Int32Array(problem.pairCount), slot: new Int32Array(problem.pairCount) };
  pool.ofBlock.forEach((indices, block) => {
    const best = indices.reduce((a, b) => (share[b] > share[a] ? b : a));
    applyColumn(problem, oracle.prefixOf[block], pool.columns[best], choice);
  });
  return choice;
}

/** GREEDY over prefixes, from the slots at hand. */
function mendSingle(problem: Problem, choice: Choice): Int32Array {
  const { instance, prefixOf, slotOf } = egressStage(problem, choice.ingress);
  const assignment = Int32Array.from(prefixOf, (k, job) => {
    const slot = choice.slot[problem.pairStart[k]];
    return slotOf.indexOf(slot, instance.start[job]);
  });
  greedy(instance, instance.capacity.map(loadLimit), assignment);
  const slot = choice.slot.slice();
  prefixOf.forEach((k, job) => {
    slot.fill(slotOf[assignment[job]], problem.pairStart[k], problem.pairStart[k + 1]);
  });
  return slot;
}

function mendSets(problem: Problem, choice: Choice): Int32Array {
  const open = openSets(problem, choice.slot);
  const slot = choice.slot.slice();
  improveSets(step7Instance(problem, choice.ingress), open, slot);
  return slot;
}

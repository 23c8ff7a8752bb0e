/**
 * Choices for heavy prefixes against a model of all others (one egress a prefix).
 *
 *   min  Σ_k cost(x_k) + λ·load(x) + ½ Δ·H⁻¹Δ,   Δ = load(x) − target on the sides that have a price
 *
 * over whole choices x of the heavy prefixes: λ are prices at which the light ones leave the heavy ones the room `target`, and
 * the square is what it costs them to make other room (see load-response). Annealing (Kirkpatrick et al. 1983): a prefix
 * changes its egress, with the ingresses that are best at the prices which the model has by then, or one pair its ingress.
 *
 * Deterministic for a seed. Guarantee: the rules hold, and the model's value does not rise. Cost: a try is O(pairs of the
 * prefix · |In|), a move that is made O(pairs of it · sides).
 */
import type { Choice } from '../../problem/choice.ts';
import type { Problem } from '../../problem/problem.ts';
import { uniform } from '../run/random.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import { type HeavyModel, ModeledPlan } from './modeled-plan.ts';

const TRIES_EACH = 1_500;
/** Temperature at the start and the end, in shares of what the heavy prefixes cost at the prices. */
const HOT = 1e-5;
const COLD = 1e-9;
const EGRESS_SHARE = 0.6;
/** Tries between two questions whether to go on. */
const STRIDE = 16_384;

/** Improves the choices of the prefixes named, in place; returns by how much the model's value fell. */
export function annealHeavy(
  problem: Problem,
  heavy: Int32Array,
  choice: Choice,
  model: HeavyModel,
  { seed, control }: { readonly seed: number; readonly control: RunControl },
): number {
  if (heavy.length === 0) return 0;
  const random = uniform(seed);
  const plan = new ModeledPlan(problem, heavy, choice, model);
  const first = plan.value;
  const before = { ingress: choice.ingress.slice(), slot: choice.slot.slice() };
  const hot = HOT * plan.pricedCost();
  const tries = TRIES_EACH * heavy.length;
  const below = (count: number) => Math.floor(random() * count);
  for (let at = 0; at < tries; at++) {
    if (at % STRIDE === STRIDE - 1 && stopRequested(control)) break;
    const k = heavy[below(heavy.length)];
    const [firstPair, endPair] = [problem.pairStart[k], problem.pairStart[k + 1]];
    const isProposed =
      random() < EGRESS_SHARE
        ? plan.proposeEgress(k, problem.egressStart[k] + below(problem.egressStart[k + 1] - problem.egressStart[k]))
        : plan.proposeIngress(k, firstPair + below(endPair - firstPair), random());
    if (!isProposed) continue;
    const heat = hot * (COLD / HOT) ** (at / tries);
    if (plan.delta <= -heat * Math.log(1 - random())) plan.accept();
  }
  if (plan.value <= first) return first - plan.value;
  choice.ingress.set(before.ingress);
  choice.slot.set(before.slot);
  return 0;
}

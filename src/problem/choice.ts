/** The decision δ and what it costs: one ingress point and one egress slot for every pair. */
import { overloadOf } from './capacity.ts';
import { type Problem, unitCost } from './problem.ts';
import { CompensatedSum } from './sum.ts';

export interface Choice {
  /** Int32 [pairs], point where the pair enters. */
  readonly ingress: Int32Array;
  /** Int32 [pairs], egress slot by which the pair leaves. */
  readonly slot: Int32Array;
}

export interface Evaluation {
  /** Cost including the change cost. */
  readonly objective: number;
  /** Float64 [n], in traffic units. */
  readonly ingressLoad: Float64Array;
  readonly egressLoad: Float64Array;
  /** Σ of load above capacity over points and both sides. */
  readonly overload: number;
}

export function evaluate(problem: Problem, choice: Choice): Evaluation {
  const { pointCount, pairCount, pairVolume, egressPoint } = problem;
  const ingressLoad = new Float64Array(pointCount);
  const egressLoad = new Float64Array(pointCount);
  const objective = new CompensatedSum();
  for (let pair = 0; pair < pairCount; pair++) {
    const volume = pairVolume[pair];
    ingressLoad[choice.ingress[pair]] += volume;
    egressLoad[egressPoint[choice.slot[pair]]] += volume;
    objective.add(volume * unitCost(problem, pair, choice.ingress[pair], choice.slot[pair]));
  }
  let overload = 0;
  for (let point = 0; point < pointCount; point++) {
    overload += overloadOf(ingressLoad[point], problem.ingressCapacity[point]);
    overload += overloadOf(egressLoad[point], problem.egressCapacity[point]);
  }
  return { objective: objective.value, ingressLoad, egressLoad, overload };
}

/** Of the largest load: overloads that differ by less differ by the rounding of their sums. */
const ROUNDING = 1e-12;

/**
 * The better of two evaluated choices: less overload first, then lower objective. Ties keep the first. What fits is better
 * than what does not, by however little.
 */
export function isBetter(candidate: Evaluation, incumbent: Evaluation): boolean {
  const difference = candidate.overload - incumbent.overload;
  if (difference === 0) return candidate.objective < incumbent.objective;
  const isReal =
    candidate.overload === 0 || incumbent.overload === 0 || Math.abs(difference) > ROUNDING * largestLoadOf(incumbent);
  return isReal ? difference < 0 : candidate.objective < incumbent.objective;
}

function largestLoadOf({ ingressLoad, egressLoad }: Evaluation): number {
  const largest = (loads: Float64Array) => loads.reduce((most, load) => Math.max(most, load), 0);
  return Math.max(largest(ingressLoad), largest(egressLoad));
}

import { refutes } from '../../problem/relative-gap.ts';
import type { Candidate } from './incumbent.ts';

/** What is proven of all plans. */
export interface Proven {
  /** Null where it is proven that no plan fits. */
  readonly lowerBound: number | null;
  /** Least total overload of any plan, proven; 0 where none is. */
  readonly leastOverload: number;
  /** It is proven that no plan fits, be it by an amount or by the integer program alone. */
  readonly provenOverloaded: boolean;
}

/** The best plan known, and what is proven of all plans. */
export interface Known extends Proven {
  readonly candidate: Candidate;
  /** Float64 [2n], shadow prices of ingress sides, then egress sides. */
  readonly prices: Float64Array;
}

/**
 * What all of the claims prove together, without those that the plan refutes: branch and bound was seen to claim too much (see
 * milp/proof). Where none is left nothing is proven, as costs are ≥ 0.
 */
export function unrefuted(plan: Candidate, claims: readonly Proven[]): Proven {
  const held = claims.filter((claim) => !isRefuted(plan, claim));
  const provenOverloaded = held.some((one) => one.provenOverloaded);
  return {
    lowerBound: provenOverloaded ? null : Math.max(0, ...held.map(({ lowerBound }) => lowerBound ?? 0)),
    leastOverload: Math.max(0, ...held.map(({ leastOverload }) => leastOverload)),
    provenOverloaded,
  };
}

function isRefuted({ evaluation }: Candidate, { lowerBound, leastOverload, provenOverloaded }: Proven): boolean {
  const { objective, overload } = evaluation;
  if (overload > 0) return provenOverloaded && refutes(overload, leastOverload);
  return provenOverloaded || refutes(objective, lowerBound ?? 0);
}

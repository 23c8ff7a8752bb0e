import type { Candidate } from './incumbent.ts';

/** The best plan known, and what is proven of all plans. */
export interface Known {
  readonly candidate: Candidate;
  /** Null where it is proven that no plan fits. */
  readonly lowerBound: number | null;
  /** Least total overload of any plan, proven; 0 where none is. */
  readonly leastOverload: number;
  /** It is proven that no plan fits, be it by an amount or by the integer program alone. */
  readonly provenOverloaded: boolean;
  /** Float64 [2n], shadow prices of ingress sides, then egress sides. */
  readonly prices: Float64Array;
}

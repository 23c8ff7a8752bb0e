/** The distance between what is known and what is proven: one expression for the whole project. */

/** Up to this a value is called optimal: what rounding and a solver's tolerance leave. */
export const OPTIMAL_GAP = 1e-9;

/**
 * (value − bound) / |value|, never below 0. Against a value of 0 every difference is whole: 1, unless the bound is 0 too.
 */
export function relativeGap(value: number, bound: number): number {
  if (value <= bound) return 0;
  return value === 0 ? 1 : (value - bound) / Math.abs(value);
}

/** The same of what is known so far; null where one of them is not. */
export function knownGap(value: number | null, bound: number | null): number | null {
  return value === null || bound === null ? null : relativeGap(value, bound);
}

/** Does a value that is known contradict the bound, by more than rounding? */
export function refutes(value: number, bound: number): boolean {
  return value < (Number.isFinite(bound) ? bound - OPTIMAL_GAP * Math.abs(bound) : bound);
}

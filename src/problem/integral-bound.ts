/**
 * Where volumes, distances and costs are whole numbers the objective of every plan is one, and a bound may be rounded up.
 * The bound of a solver, or of sums, is believed to one part in a million only: above a million nothing is gained.
 */
import type { Problem } from './problem.ts';

const TRUST = 1e-6;

export function hasIntegralObjective({ pairVolume, distance, slotCost, changeUnit }: Problem): boolean {
  const isWhole = (value: number) => Number.isInteger(value) || value === Number.POSITIVE_INFINITY;
  return [pairVolume, slotCost, changeUnit, distance].every((values) => values.every(isWhole));
}

/** The bound, or the next whole number that no plan can be below. */
export function roundedUp(bound: number): number {
  return Math.max(bound, Math.ceil(bound - TRUST * Math.max(1, Math.abs(bound))));
}

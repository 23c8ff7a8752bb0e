/**
 * Capacity holds if load ≤ capacity · (1 + 1e-9): one expression for the whole project.
 *
 * Optimizers aim at half of that tolerance, so that a sum taken in another order still passes the check.
 */
export const CAPACITY_TOLERANCE = 1e-9;

export function fits(load: number, capacity: number): boolean {
  return load <= largestLoad(capacity);
}

/** Largest load that passes: what a bound has to allow for. */
export function largestLoad(capacity: number): number {
  return capacity * (1 + CAPACITY_TOLERANCE);
}

/** Largest load that an optimizer may put on `capacity`. */
export function loadLimit(capacity: number): number {
  return capacity * (1 + CAPACITY_TOLERANCE / 2);
}

/** Load above capacity; 0 where it fits. */
export function overloadOf(load: number, capacity: number): number {
  return fits(load, capacity) ? 0 : load - capacity;
}

/** How much of each fault is tried: all of it by `npm run test:faults`, about a tenth in every test run. */

export const IS_FULL = process.env.EGRESSO_FAULTS === 'all';

export function scaled(full: number): number {
  return IS_FULL ? full : Math.ceil(full / 10);
}

/** Times are promised for a machine that does nothing else: asserted at ten times that, and told as measured. */
export const PATIENCE = 10;

/** A measured figure, told where the full counts run. */
export function figure(name: string, value: string): void {
  if (IS_FULL) process.stderr.write(`figure: ${name}: ${value}\n`);
}

/** The value that `share` of them do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

import type { GapInstance } from '../../problem/gap-instance.ts';
import { Frame } from './frame.ts';

export interface EjectionFrame {
  readonly frame: Frame;
  /** Words. */
  readonly proposals: number;
  readonly random: number;
  readonly improved: number;
  /** Addresses. */
  readonly overloadPrice: number;
  readonly assignment: number;
  readonly best: number;
  readonly values: number;
}

/** Words in the order of `assembly/ejection-frame.ts`. */
export function ejectionFrame(
  instance: GapInstance,
  limit: Float64Array,
  candidates: Int32Array,
  width: number,
  seed: number,
): EjectionFrame {
  const { jobCount, machineCount } = instance;
  const frame = new Frame(24);
  frame.int(jobCount);
  frame.int(machineCount);
  frame.int(width);
  const proposals = frame.int();
  const random = frame.int(seed);
  const improved = frame.int();
  frame.input(instance.machine);
  frame.input(instance.cost);
  frame.input(instance.weight);
  frame.input(limit);
  const overloadPrice = frame.scratch(8 * machineCount);
  frame.input(candidates);
  const assignment = frame.scratch(4 * jobCount);
  const best = frame.scratch(4 * jobCount);
  const values = frame.scratch(16);
  frame.scratch(8 * machineCount); // load
  frame.scratch(4 * machineCount * jobCount); // slotJob
  frame.scratch(4 * machineCount); // slotCount
  frame.scratch(4 * jobCount); // slotOf
  return { frame, proposals, random, improved, overloadPrice, assignment, best, values };
}

import type { GapInstance } from '../../problem/gap-instance.ts';
import { Frame } from './frame.ts';

/** Leaves per block of `assembly/min-tree.ts`. */
const BLOCK = 16;

export interface GreedyFrame {
  readonly frame: Frame;
  /** Word of the number of moves. */
  readonly moves: number;
  /** Addresses. */
  readonly assignment: number;
  readonly movedJobs: number;
}

/** Words in the order of `assembly/greedy-frame.ts`. */
export function greedyFrame(instance: GapInstance, limit: Float64Array, assignment: Int32Array): GreedyFrame {
  const { jobCount, machineCount } = instance;
  const arcCount = instance.machine.length;
  // A machine wastes less than one block; a tree has at most 4 nodes per block, and at least 2.
  const slotCapacity = jobCount + BLOCK * machineCount;
  const nodeCapacity = 4 * (Math.ceil(slotCapacity / BLOCK) + machineCount);
  // Every arc, and the spare one.
  const entryCapacity = arcCount + 1;

  const frame = new Frame(40);
  frame.int(jobCount);
  frame.int(machineCount);
  frame.int(slotCapacity);
  frame.int(nodeCapacity);
  frame.int(entryCapacity);
  const moves = frame.int();
  frame.input(instance.start);
  frame.input(instance.machine);
  frame.input(instance.cost);
  frame.input(instance.weight);
  frame.input(limit);
  const assignmentAddress = frame.input(assignment);
  const movedJobs = frame.scratch(4 * jobCount);
  frame.scratch(8 * machineCount); // used
  frame.scratch(8 * machineCount); // room
  frame.scratch(8 * machineCount); // bestRatio
  frame.scratch(4 * machineCount); // bestSlot
  frame.scratch(4 * machineCount); // overloaded
  frame.int(); // overloadedCount
  frame.int(); // candidateCount
  frame.scratch(4 * (machineCount + 1)); // slotStart
  frame.scratch(4 * machineCount); // nodeStart
  frame.scratch(4 * machineCount); // treeWidth
  frame.scratch(4 * jobCount); // slotOf
  frame.scratch(4 * slotCapacity); // slotJob
  frame.scratch(8 * slotCapacity); // increase
  for (const _tree of ['light', 'heavy', 'weight']) {
    frame.scratch(8 * slotCapacity); // leaves
    frame.scratch(8 * nodeCapacity); // nodes
  }
  frame.scratch(4 * (machineCount + 1)); // entryStart
  frame.scratch(16 * entryCapacity); // entries
  return { frame, moves, assignment: assignmentAddress, movedJobs };
}

import type { GapInstance } from '../../problem/gap-instance.ts';
import { Frame } from './frame.ts';

export interface PricingFrame {
  readonly frame: Frame;
  /** Addresses. */
  readonly lambda: number;
  readonly bestArc: number;
  readonly load: number;
  readonly total: number;
  readonly lead: number;
  /** Lays out the rows in a memory of the frame's size. */
  fill(buffer: ArrayBuffer): void;
  /** Other costs in rows that are laid out; Float64 [arcs]. */
  fillCosts(buffer: ArrayBuffer, costs: Float64Array): void;
}

/** Words in the order of `assembly/pricing-frame.ts`, which describes the rows. */
export function pricingFrame(instance: GapInstance): PricingFrame {
  const { jobCount, machineCount, start } = instance;
  const blockCount = Math.ceil(jobCount / 2);
  const rowStart = new Int32Array(blockCount + 1);
  for (let block = 0; block < blockCount; block++) {
    const job = 2 * block;
    const arcs = start[job + 1] - start[job];
    const otherArcs = job + 1 < jobCount ? start[job + 2] - start[job + 1] : 0;
    rowStart[block + 1] = rowStart[block] + Math.max(arcs, otherArcs);
  }
  const rowCount = rowStart[blockCount];
  const wide = machineCount > 65536;
  const shared = hasSharedWeights(instance);
  const weightRows = shared ? blockCount : rowCount;

  const frame = new Frame(24);
  frame.int(jobCount);
  frame.int(machineCount);
  frame.int(Number(wide));
  frame.int(Number(shared));
  frame.input(start);
  frame.input(rowStart);
  const costAddress = frame.scratch(16 * rowCount);
  const weightAddress = frame.scratch(16 * weightRows);
  const machineAddress = frame.scratch((wide ? 8 : 4) * rowCount);
  const lambda = frame.scratch(8 * machineCount);
  const bestArc = frame.scratch(4 * jobCount);
  const load = frame.scratch(8 * machineCount);
  const total = frame.scratch(8);
  const lead = frame.scratch(16 * blockCount);

  const fill = (buffer: ArrayBuffer): void => {
    const weight = new Float64Array(buffer, weightAddress, 2 * weightRows);
    const machine = new (wide ? Uint32Array : Uint16Array)(buffer, machineAddress, 2 * rowCount);
    for (let job = 0; job < jobCount; job++) {
      const lane = job & 1;
      let cell = 2 * rowStart[job >> 1] + lane;
      if (shared && start[job] < start[job + 1]) weight[2 * (job >> 1) + lane] = instance.weight[start[job]];
      for (let arc = start[job]; arc < start[job + 1]; arc++, cell += 2) {
        machine[cell] = instance.machine[arc];
        if (!shared) weight[cell] = instance.weight[arc];
      }
    }
    fillCosts(buffer, instance.cost);
  };
  const fillCosts = (buffer: ArrayBuffer, costs: Float64Array): void => {
    const cost = new Float64Array(buffer, costAddress, 2 * rowCount).fill(Number.POSITIVE_INFINITY);
    for (let job = 0; job < jobCount; job++) {
      let cell = 2 * rowStart[job >> 1] + (job & 1);
      for (let arc = start[job]; arc < start[job + 1]; arc++, cell += 2) cost[cell] = costs[arc];
    }
  };
  return { frame, lambda, bestArc, load, total, lead, fill, fillCosts };
}

function hasSharedWeights({ jobCount, start, weight }: GapInstance): boolean {
  for (let job = 0; job < jobCount; job++) {
    for (let arc = start[job] + 1; arc < start[job + 1]; arc++) if (weight[arc] !== weight[arc - 1]) return false;
  }
  return true;
}

import { Frame } from './frame.ts';
import type { Step7Instance } from './step7-instance.ts';

/** Leaves per block of `assembly/min-tree.ts`. */
const BLOCK = 16;
/** Moves per slot after which Step 7 stops. ΣV falls with every move, so this is never reached in earnest. */
const MOVES_PER_SLOT = 16;

export interface Step7Frame {
  readonly frame: Frame;
  /** Words. */
  readonly deletes: number;
  readonly inserts: number;
  /** Addresses. */
  readonly open: number;
  readonly egress: number;
  readonly costDelta: number;
  readonly overloadDelta: number;
  readonly admitted: number;
}

/** Words in the order of `assembly/step7-frame.ts`. */
export function step7Frame(instance: Step7Instance, open: Uint8Array): Step7Frame {
  const { pointCount, prefixCount, pairCount } = instance;
  const slotCount = instance.egressPoint.length;
  const leafCount = Math.ceil(prefixCount / BLOCK) * BLOCK;

  const frame = new Frame(48);
  frame.int(pointCount);
  frame.int(prefixCount);
  frame.int(pairCount);
  frame.int(MOVES_PER_SLOT * slotCount);
  const deletes = frame.int();
  const inserts = frame.int();
  frame.input(instance.distance);
  frame.input(instance.rank);
  frame.input(instance.routerOf);
  frame.input(instance.egressStart);
  frame.input(instance.egressPoint);
  frame.input(instance.slotCost);
  frame.input(instance.pairStart);
  frame.input(instance.pairIngress);
  frame.input(instance.pairVolume);
  frame.input(instance.eligible);
  // Without change costs the present choice decides nothing.
  frame.input(instance.changeUnit === null ? null : instance.currentSlot);
  frame.input(instance.currentSlot === null ? null : instance.changeUnit);
  frame.input(instance.limit);
  const openAddress = frame.input(open);
  const egress = frame.scratch(4 * pairCount);
  frame.scratch(8 * pointCount); // load
  frame.scratch(8 * pointCount); // overload
  frame.scratch(8 * pointCount); // moved
  frame.scratch(4 * prefixCount); // arcStart
  frame.scratch(prefixCount); // stranded
  frame.scratch(4 * (pointCount + 1)); // placeStart
  frame.scratch(4 * slotCount); // placeOf
  frame.scratch(4 * slotCount); // prefixAt
  frame.scratch(8 * slotCount); // refused
  frame.scratch(8 * slotCount); // saved
  frame.scratch(4 * pointCount); // touched
  frame.scratch(8 * pointCount); // overloadBefore
  frame.scratch(4 * pointCount); // changedAt
  frame.scratch(4 * prefixCount); // valuedAt
  frame.scratch(8 * leafCount); // bestRatio
  frame.scratch(8 * 4 * (leafCount / BLOCK + 1)); // bestNodes
  frame.scratch(4 * prefixCount); // bestSlot
  const costDelta = frame.scratch(8 * slotCount);
  const overloadDelta = frame.scratch(8 * slotCount);
  const admitted = frame.scratch(slotCount);
  return { frame, deletes, inserts, open: openAddress, egress, costDelta, overloadDelta, admitted };
}

import type { Step7Instance } from '../../src/optimizer/kernels/step7-instance.ts';

/** compute_egress over the whole instance: the closest open egress of each pair, as a slot, or -1. */
export function literalComputeEgress(instance: Step7Instance, open: Uint8Array): Int32Array {
  const egress = new Int32Array(instance.pairCount);
  for (let k = 0; k < instance.prefixCount; k++) {
    for (let p = instance.pairStart[k]; p < instance.pairStart[k + 1]; p++) {
      const rankOf = (slot: number) =>
        instance.rank[instance.pairIngress[p] * instance.pointCount + instance.egressPoint[slot]];
      let nearest = -1;
      for (let slot = instance.egressStart[k]; slot < instance.egressStart[k + 1]; slot++) {
        if (open[slot] && (nearest < 0 || rankOf(slot) < rankOf(nearest))) nearest = slot;
      }
      egress[p] = nearest;
    }
  }
  return egress;
}

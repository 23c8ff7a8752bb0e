/** compute_egress of US 7,197,040: each pair leaves by the open egress of its prefix that is closest to its ingress. */
import { getI32, getU8, setI32 } from './memory';
import { OK } from './status';
import { Step7Frame } from './step7-frame';

export function computeEgress(frame: usize): i32 {
  const f = changetype<Step7Frame>(frame);
  for (let k = 0; k < f.prefixCount; k++) {
    for (let p = getI32(f.pairStart, k), end = getI32(f.pairStart, k + 1); p < end; p++) {
      setI32(f.egress, p, nearestOpen(f, k, p, -1));
    }
  }
  return OK;
}

/** Nearest open slot of prefix k for pair p, `except` left out; -1 where none is open. */
export function nearestOpen(f: Step7Frame, k: i32, p: i32, except: i32): i32 {
  const rank = f.rank + (<usize>getI32(f.pairIngress, p) * <usize>f.pointCount << 2);
  const open = f.open;
  const egressPoint = f.egressPoint;
  let nearest = -1;
  let least = i32.MAX_VALUE;
  for (let slot = getI32(f.egressStart, k), end = getI32(f.egressStart, k + 1); slot < end; slot++) {
    if (slot == except || getU8(open, slot) == 0) continue;
    const place = getI32(rank, getI32(egressPoint, slot));
    if (place >= least) continue;
    least = place;
    nearest = slot;
  }
  return nearest;
}

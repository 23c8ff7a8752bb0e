/** The first look of Step 7 at an instance: egresses, loads, and which prefixes meet at a point. */
import { computeEgress } from './compute-egress';
import { getF64, getI32, setF64, setI32, setU8 } from './memory';
import { Step7Frame } from './step7-frame';
import { carries, overloadAt } from './step7-move';

/** Share of the total volume by which a move has to lower ΣV. */
const TOLERANCE: f64 = 1e-12;

/** Line 9 for the given open sets, with loads and V; returns the tolerance of ΣV. */
export function settle(f: Step7Frame): f64 {
  computeEgress(changetype<usize>(f));
  memory.fill(f.load, 0, <usize>f.pointCount << 3);
  memory.fill(f.stranded, 0, <usize>f.prefixCount);
  let total = 0.0;
  let arc = 0;
  for (let k = 0; k < f.prefixCount; k++) {
    setI32(f.arcStart, k, arc);
    for (let p = getI32(f.pairStart, k), end = getI32(f.pairStart, k + 1); p < end; p++) {
      const slot = getI32(f.egress, p);
      const volume = getF64(f.pairVolume, p);
      total += volume;
      if (slot < 0) continue;
      const point = getI32(f.egressPoint, slot);
      setF64(f.load, point, getF64(f.load, point) + volume);
      if (!carries(f, k, p, slot)) setU8(f.stranded, k, 1);
    }
    const slotCount = getI32(f.egressStart, k + 1) - getI32(f.egressStart, k);
    arc += slotCount * (getI32(f.pairStart, k + 1) - getI32(f.pairStart, k));
  }
  for (let point = 0; point < f.pointCount; point++) {
    setF64(f.overload, point, overloadAt(f, point, getF64(f.load, point)));
  }
  return total * TOLERANCE;
}

/** Slots by their points. */
export function indexPlaces(f: Step7Frame): void {
  const start = f.placeStart;
  const cursor = f.touched;
  memory.fill(start, 0, <usize>(f.pointCount + 1) << 2);
  for (let slot = 0, end = getI32(f.egressStart, f.prefixCount); slot < end; slot++) {
    const next = getI32(f.egressPoint, slot) + 1;
    setI32(start, next, getI32(start, next) + 1);
    setF64(f.refused, slot, Infinity);
  }
  for (let point = 0; point < f.pointCount; point++) {
    setI32(cursor, point, getI32(start, point));
    setI32(start, point + 1, getI32(start, point + 1) + getI32(start, point));
  }
  for (let k = 0; k < f.prefixCount; k++) {
    for (let slot = getI32(f.egressStart, k), end = getI32(f.egressStart, k + 1); slot < end; slot++) {
      const point = getI32(f.egressPoint, slot);
      const place = getI32(cursor, point);
      setI32(cursor, point, place + 1);
      setI32(f.placeOf, slot, place);
      setI32(f.prefixAt, place, k);
    }
  }
}

/**
 * Shift and ejection by threshold accepting, on the penalized cost Σ c_rs + Σ_s price_s · max(0, U_s − T_s).
 *
 * A proposal moves a random job to a random candidate machine t. It is weighed alone (a shift), and with the best ejection
 * of one job from t to a candidate of its own (where that is the machine left, a swap); the best of these is made where it
 * raises the penalized cost by no more than the threshold. The cheapest assignment that fits is kept.
 *
 * O(jobs) at the start, then O(jobs on t × width) per proposal.
 */
import { EjectionFrame } from './ejection-frame';
import { getF64, getI32, setF64, setI32 } from './memory';
import { OK } from './status';

export function ejection(frame: usize): i32 {
  const e = changetype<EjectionFrame>(frame);
  e.improved = 0;
  let cost = listJobs(e);
  const threshold = getF64(e.values, 0);
  for (let proposal = 0; proposal < e.proposals; proposal++) {
    const job = draw(e, e.jobCount);
    const arc = getI32(e.candidates, job * e.width + draw(e, e.width));
    const old = getI32(e.assignment, job);
    if (arc < 0 || arc == old) continue;
    const target = getI32(e.machine, arc);
    const shift = change(e, job, arc);
    relocate(e, old, arc);

    let best: f64 = 0;
    let ejected = -1;
    let refuge = -1;
    const count = getI32(e.slotCount, target);
    for (let slot = 0; slot < count; slot++) {
      const other = getI32(e.slotJob, target * e.jobCount + slot);
      for (let k = other * e.width, end = k + e.width; k < end; k++) {
        const candidate = getI32(e.candidates, k);
        if (candidate < 0 || getI32(e.machine, candidate) == target) continue;
        const gain = change(e, other, candidate);
        if (gain < best) {
          best = gain;
          ejected = other;
          refuge = candidate;
        }
      }
    }
    if (!(shift + best <= threshold)) {
      relocate(e, arc, old);
      continue;
    }
    cost += getF64(e.cost, arc) - getF64(e.cost, old);
    relist(e, job, arc);
    if (ejected >= 0) {
      const left = getI32(e.assignment, ejected);
      relocate(e, left, refuge);
      cost += getF64(e.cost, refuge) - getF64(e.cost, left);
      relist(e, ejected, refuge);
    }
    if (cost < getF64(e.values, 1) && fits(e)) {
      setF64(e.values, 1, cost);
      memory.copy(e.best, e.assignment, <usize>e.jobCount << 2);
      e.improved = 1;
    }
  }
  return OK;
}

/** Loads and job lists of the assignment; returns its cost. */
function listJobs(e: EjectionFrame): f64 {
  memory.fill(e.load, 0, <usize>e.machineCount << 3);
  memory.fill(e.slotCount, 0, <usize>e.machineCount << 2);
  let cost: f64 = 0;
  for (let job = 0; job < e.jobCount; job++) {
    const arc = getI32(e.assignment, job);
    const s = getI32(e.machine, arc);
    cost += getF64(e.cost, arc);
    setF64(e.load, s, getF64(e.load, s) + getF64(e.weight, arc));
    enlist(e, job, s);
  }
  return cost;
}

/** Uniform in 0 … count − 1, by xorshift. */
function draw(e: EjectionFrame, count: i32): i32 {
  let x = e.random;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  e.random = x;
  return <i32>((<f64>x * <f64>count) / 4294967296.0);
}

@inline
function penalty(e: EjectionFrame, s: i32, load: f64): f64 {
  const over = load - getF64(e.limit, s);
  return over > 0 ? over * getF64(e.overloadPrice, s) : 0;
}

/** By how much the penalized cost changes where the job takes another arc. */
@inline
function change(e: EjectionFrame, job: i32, arc: i32): f64 {
  const old = getI32(e.assignment, job);
  const s = getI32(e.machine, old);
  const t = getI32(e.machine, arc);
  const from = getF64(e.load, s);
  const to = getF64(e.load, t);
  const left = penalty(e, s, from - getF64(e.weight, old)) - penalty(e, s, from);
  const entered = penalty(e, t, to + getF64(e.weight, arc)) - penalty(e, t, to);
  return getF64(e.cost, arc) - getF64(e.cost, old) + left + entered;
}

/** The loads, as a job goes from one arc to another. */
function relocate(e: EjectionFrame, from: i32, to: i32): void {
  const s = getI32(e.machine, from);
  const t = getI32(e.machine, to);
  setF64(e.load, s, getF64(e.load, s) - getF64(e.weight, from));
  setF64(e.load, t, getF64(e.load, t) + getF64(e.weight, to));
}

/** The lists, as a job takes another arc. */
function relist(e: EjectionFrame, job: i32, arc: i32): void {
  const s = getI32(e.machine, getI32(e.assignment, job));
  const last = getI32(e.slotCount, s) - 1;
  const moved = getI32(e.slotJob, s * e.jobCount + last);
  const slot = getI32(e.slotOf, job);
  setI32(e.slotJob, s * e.jobCount + slot, moved);
  setI32(e.slotOf, moved, slot);
  setI32(e.slotCount, s, last);
  setI32(e.assignment, job, arc);
  enlist(e, job, getI32(e.machine, arc));
}

function enlist(e: EjectionFrame, job: i32, s: i32): void {
  const slot = getI32(e.slotCount, s);
  setI32(e.slotJob, s * e.jobCount + slot, job);
  setI32(e.slotOf, job, slot);
  setI32(e.slotCount, s, slot + 1);
}

function fits(e: EjectionFrame): bool {
  for (let s = 0; s < e.machineCount; s++) if (getF64(e.load, s) > getF64(e.limit, s)) return false;
  return true;
}

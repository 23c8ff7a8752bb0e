/**
 * The pricing pass: each job takes argmin over its arcs of cost + λ · weight, and by how much it leads. The sum of the
 * minima is the part of the Lagrangian bound L(λ) that depends on the jobs.
 *
 * Compensated summation in job order; TwoSum gives the same error term as Neumaier's branch.
 */
import { getF64, getI32, setF64, setI32 } from './memory';
import { PricingFrame } from './pricing-frame';
import { OK } from './status';

export function priceLeads(frame: usize): i32 {
  const f = changetype<PricingFrame>(frame);
  if (f.wideMachines != 0) {
    if (f.sharedWeights != 0) pass<u32>(f, true);
    else pass<u32>(f, false);
  } else {
    if (f.sharedWeights != 0) pass<u16>(f, true);
    else pass<u16>(f, false);
  }
  return OK;
}

@inline
function pass<M>(f: PricingFrame, shared: bool): void {
  const jobCount = f.jobCount;
  const start = f.start;
  const lambda = f.lambda;
  const bestArc = f.bestArc;
  const loads = f.load;
  memory.fill(loads, 0, <usize>f.machineCount << 3);
  const one = i64x2.splat(1);
  let sum = 0.0;
  let compensation = 0.0;
  // The row at hand: its costs, weights and machines.
  let cost = f.cost;
  let weight = f.weight;
  let machine = f.machine;
  let rowEnd = f.rowStart;
  let arc = 0;
  for (let job = 0; job < jobCount; job += 2) {
    const weightFirst = weight;
    const machineFirst = machine;
    rowEnd += 4;
    const costEnd = f.cost + (<usize>load<i32>(rowEnd) << 4);
    let best = f64x2.splat(Infinity);
    let second = f64x2.splat(Infinity);
    let chosen = i64x2.splat(0);
    let place = i64x2.splat(0);
    let weights = f64x2.splat(0);
    if (shared) {
      weights = v128.load(weight);
      weight += 16;
    }
    for (; cost < costEnd; cost += 16) {
      if (!shared) {
        weights = v128.load(weight);
        weight += 16;
      }
      const low = v128.load64_zero(lambda + (<usize>load<M>(machine) << 3));
      const lambdas = v128.load64_lane(lambda + (<usize>load<M>(machine, sizeof<M>()) << 3), low, 1);
      machine += 2 * sizeof<M>();
      const value = f64x2.add(v128.load(cost), f64x2.mul(lambdas, weights));
      second = f64x2.pmin(second, f64x2.pmax(best, value));
      // Places ascend, so the last improvement is the largest one: a maximum instead of a select.
      chosen = i32x4.max_s(chosen, v128.and(f64x2.lt(value, best), place));
      best = f64x2.pmin(best, value);
      place = i64x2.add(place, one);
    }
    // Without a second arc the lead is infinite, with none at all it is not a number and nobody asks.
    v128.store(f.lead + (<usize>job << 3), f64x2.sub(second, best));
    let next = getI32(start, job + 1);
    let at = i32x4.extract_lane(chosen, 0);
    if (next > arc) {
      const s = <i32>load<M>(machineFirst + <usize>at * (2 * sizeof<M>()));
      setF64(loads, s, getF64(loads, s) + load<f64>(shared ? weightFirst : weightFirst + (<usize>at << 4)));
      const minimum = f64x2.extract_lane(best, 0);
      const total = sum + minimum;
      const part = total - sum;
      compensation += sum - (total - part) + (minimum - part);
      sum = total;
      at += arc;
    } else {
      at = -1;
    }
    setI32(bestArc, job, at);
    arc = next;
    if (job + 1 == jobCount) break;
    next = getI32(start, job + 2);
    at = i32x4.extract_lane(chosen, 2);
    if (next > arc) {
      const s = <i32>load<M>(machineFirst + <usize>at * (2 * sizeof<M>()), sizeof<M>());
      setF64(loads, s, getF64(loads, s) + load<f64>(shared ? weightFirst + 8 : weightFirst + (<usize>at << 4) + 8));
      const minimum = f64x2.extract_lane(best, 1);
      const total = sum + minimum;
      const part = total - sum;
      compensation += sum - (total - part) + (minimum - part);
      sum = total;
      at += arc;
    } else {
      at = -1;
    }
    setI32(bestArc, job + 1, at);
    arc = next;
  }
  setF64(f.total, 0, sum + compensation);
}

/** The first look of GREEDY at an instance: loads, VSet, the candidates and the cheapest target of each. */
import { GreedyFrame } from './greedy-frame';
import { getF64, getI32, getPair, setF64, setI32 } from './memory';
import { BLOCK, blocksFor, buildTree, widthFor } from './min-tree';
import { OK, SCRATCH_OVERFLOW } from './status';

/** Steps 2 and 3: U in job order, VSet ascending, room. */
export function sumLoads(g: GreedyFrame): void {
  const jobCount = g.jobCount;
  const machineCount = g.machineCount;
  const assignment = g.assignment;
  const used = g.used;
  const count = g.bestSlot;
  memory.fill(used, 0, <usize>machineCount << 3);
  memory.fill(count, 0, <usize>machineCount << 2);
  for (let job = 0; job < jobCount; job++) {
    const arc = getI32(assignment, job);
    let own = -1;
    if (arc >= 0) {
      const s = getI32(g.machine, arc);
      const weight = getF64(g.weight, arc);
      setF64(used, s, getF64(used, s) + weight);
      // A job without weight relieves nothing.
      if (weight > 0) {
        setI32(count, s, getI32(count, s) + 1);
        own = s;
      }
    }
    setI32(g.slotOf, job, own);
  }
  let overloadedCount = 0;
  for (let s = 0; s < machineCount; s++) {
    const over = getF64(used, s) > getF64(g.limit, s);
    setF64(g.room, s, over ? -Infinity : getF64(g.limit, s) - getF64(used, s));
    if (!over) continue;
    setI32(g.overloaded, overloadedCount, s);
    overloadedCount++;
  }
  g.overloadedCount = overloadedCount;
}

@inline
function isOverloaded(g: GreedyFrame, s: i32): bool {
  return getF64(g.room, s) == -Infinity;
}

/** One slot per candidate, jobs ascending within a machine, each machine padded to whole blocks. */
export function layOutSlots(g: GreedyFrame): i32 {
  const machineCount = g.machineCount;
  // Counts from `sumLoads`, then the next free slot of each machine.
  const cursor = g.bestSlot;
  let slots = 0;
  let nodes = 0;
  for (let s = 0; s < machineCount; s++) {
    const blocks = isOverloaded(g, s) ? blocksFor(getI32(cursor, s)) : 0;
    const width = isOverloaded(g, s) ? widthFor(blocks) : 0;
    setI32(g.slotStart, s, slots);
    setI32(g.nodeStart, s, nodes);
    setI32(g.treeWidth, s, width);
    setI32(cursor, s, slots);
    slots += blocks * BLOCK;
    nodes += 2 * width;
  }
  setI32(g.slotStart, machineCount, slots);
  if (slots > g.slotCapacity || nodes > g.nodeCapacity) return SCRATCH_OVERFLOW;
  const slotOf = g.slotOf;
  for (let job = 0, jobCount = g.jobCount; job < jobCount; job++) {
    const s = getI32(slotOf, job);
    if (s < 0) continue;
    if (isOverloaded(g, s)) {
      const slot = getI32(cursor, s);
      setI32(cursor, s, slot + 1);
      setI32(g.slotJob, slot, job);
      setI32(slotOf, job, slot);
    } else {
      setI32(slotOf, job, -1);
    }
  }
  for (let v = 0; v < g.overloadedCount; v++) {
    const s = getI32(g.overloaded, v);
    for (let slot = getI32(cursor, s), end = getI32(g.slotStart, s + 1); slot < end; slot++) clearSlot(g, slot);
  }
  return OK;
}

function clearSlot(g: GreedyFrame, slot: i32): void {
  setI32(g.slotJob, slot, -1);
  setF64(g.increase, slot, Infinity);
  setF64(g.lightLeaves, slot, Infinity);
  setF64(g.heavyLeaves, slot, Infinity);
  setF64(g.weightLeaves, slot, Infinity);
}

/** Steps 8 to 12 for every candidate, in job order, and the trees over the result: every increase is exact. */
export function scanTargets(g: GreedyFrame): void {
  const slotOf = g.slotOf;
  const assignment = g.assignment;
  let count = 0;
  for (let job = 0, jobCount = g.jobCount; job < jobCount; job++) {
    const slot = getI32(slotOf, job);
    if (slot < 0) continue;
    count++;
    const old = getI32(assignment, job);
    const s = getI32(g.machine, old);
    const weight = getF64(g.weight, old);
    const increase = cheapestTarget(g, job) - getF64(g.cost, old);
    const heavy = weight > getF64(g.used, s) - getF64(g.limit, s);
    setF64(g.increase, slot, increase);
    setF64(g.lightLeaves, slot, heavy ? Infinity : increase / weight);
    setF64(g.heavyLeaves, slot, heavy ? increase : Infinity);
    setF64(g.weightLeaves, slot, heavy ? Infinity : -weight);
  }
  g.candidateCount = count;
  for (let v = 0; v < g.overloadedCount; v++) {
    const s = getI32(g.overloaded, v);
    const leaf = <usize>getI32(g.slotStart, s) << 3;
    const node = <usize>getI32(g.nodeStart, s) << 3;
    const width = getI32(g.treeWidth, s);
    const blockCount = blocksFor(getI32(g.slotStart, s + 1) - getI32(g.slotStart, s));
    buildTree(g.lightLeaves + leaf, g.lightNodes + node, width, blockCount);
    buildTree(g.heavyLeaves + leaf, g.heavyNodes + node, width, blockCount);
    buildTree(g.weightLeaves + leaf, g.weightNodes + node, width, blockCount);
  }
}

/** Least cost among the machines with room, two arcs at a time; Infinity where there is none. */
export function cheapestTarget(g: GreedyFrame, job: i32): f64 {
  const cost = g.cost;
  const weight = g.weight;
  const machine = g.machine;
  const room = g.room;
  const end = getI32(g.start, job + 1);
  let arc = getI32(g.start, job);
  const infinite = f64x2.splat(Infinity);
  let cheapest = infinite;
  if (end - arc == g.machineCount) {
    // Every machine has its arc: the rooms lie side by side as the costs do.
    const shift = room - (<usize>arc << 3);
    for (; arc + 1 < end; arc += 2) {
      const fits = f64x2.ge(getPair(shift, arc), getPair(weight, arc));
      cheapest = f64x2.pmin(cheapest, v128.bitselect(getPair(cost, arc), infinite, fits));
    }
  } else {
    for (; arc + 1 < end; arc += 2) {
      const low = v128.load64_zero(room + (<usize>getI32(machine, arc) << 3));
      const rooms = v128.load64_lane(room + (<usize>getI32(machine, arc + 1) << 3), low, 1);
      const fits = f64x2.ge(rooms, getPair(weight, arc));
      cheapest = f64x2.pmin(cheapest, v128.bitselect(getPair(cost, arc), infinite, fits));
    }
  }
  let least = min(f64x2.extract_lane(cheapest, 0), f64x2.extract_lane(cheapest, 1));
  if (arc < end && getF64(room, getI32(machine, arc)) >= getF64(weight, arc)) least = min(least, getF64(cost, arc));
  return least;
}

/** Arcs of candidates to the machines of VSet, by machine. */
export function indexEntries(g: GreedyFrame): i32 {
  const machineCount = g.machineCount;
  const entryStart = g.entryStart;
  memory.fill(entryStart, 0, <usize>(machineCount + 1) << 2);
  if (g.overloadedCount < 2) return OK;
  const jobCount = g.jobCount;
  const slotOf = g.slotOf;
  const machine = g.machine;
  const weight = g.weight;
  const start = g.start;
  const count = g.bestSlot;
  memory.fill(count, 0, <usize>machineCount << 2);
  for (let job = 0; job < jobCount; job++) {
    if (getI32(slotOf, job) < 0) continue;
    for (let arc = getI32(start, job), end = getI32(start, job + 1); arc < end; arc++) {
      const t = getI32(machine, arc);
      setI32(count, t, getI32(count, t) + 1);
    }
  }
  let entryCount = 0;
  for (let s = 0; s < machineCount; s++) {
    setI32(entryStart, s, entryCount);
    if (isOverloaded(g, s)) entryCount += getI32(count, s);
  }
  setI32(entryStart, machineCount, entryCount);
  if (entryCount >= g.entryCapacity) return SCRATCH_OVERFLOW;

  // Per machine the next entry and a step of 1; machines outside VSet write to one spare entry with a step of 0, which
  // is cheaper than a branch that nobody can predict.
  const cursor = g.bestRatio;
  for (let s = 0; s < machineCount; s++) {
    const kept = isOverloaded(g, s);
    setI32(cursor, 2 * s, kept ? getI32(entryStart, s) : entryCount);
    setI32(cursor, 2 * s + 1, kept ? 1 : 0);
  }
  for (let job = 0; job < jobCount; job++) {
    const slot = getI32(slotOf, job);
    if (slot < 0) continue;
    for (let arc = getI32(start, job), end = getI32(start, job + 1); arc < end; arc++) {
      const t = getI32(machine, arc);
      const next = getI32(cursor, 2 * t);
      setI32(cursor, 2 * t, next + getI32(cursor, 2 * t + 1));
      const entry = g.entries + (<usize>next << 4);
      setI32(entry, 0, slot);
      setI32(entry, 1, arc);
      setF64(entry, 1, getF64(weight, arc));
    }
  }
  return OK;
}

/** The algorithm of `assembly/greedy.ts` in plain TypeScript, for comparison only; see there for why it is exact. */
import type { GapInstance } from '../src/problem/gap-instance.ts';
import { BLOCK, Forest } from './min-tree-twin.ts';

/** The function overwrites the assignment and returns the number of moves plus the sum of the moved jobs. */
export function greedyTwin(gap: GapInstance, limit: Float64Array): (assignment: Int32Array) => number {
  const n = gap.machineCount;
  const slotCapacity = gap.jobCount + BLOCK * n;
  const nodeCapacity = 4 * (Math.ceil(slotCapacity / BLOCK) + n);
  const used = new Float64Array(n);
  const room = new Float64Array(n);
  const bestRatio = new Float64Array(n);
  const bestSlot = new Int32Array(n);
  const overloaded = new Int32Array(n);
  const slotStart = new Int32Array(n + 1);
  const nodeStart = new Int32Array(n);
  const treeWidth = new Int32Array(n);
  const slotJob = new Int32Array(slotCapacity);
  const slotOf = new Int32Array(gap.jobCount);
  const increaseOf = new Float64Array(slotCapacity);
  const lightTree = new Forest(slotCapacity, nodeCapacity);
  const heavyTree = new Forest(slotCapacity, nodeCapacity);
  const weightTree = new Forest(slotCapacity, nodeCapacity);
  const entryStart = new Int32Array(n + 1);
  const entrySlot = new Int32Array(gap.machine.length + 1);
  const entryArc = new Int32Array(gap.machine.length + 1);
  const entryWeight = new Float64Array(gap.machine.length + 1);
  let [overloadedCount, candidateCount] = [0, 0];
  let assignment: Int32Array = new Int32Array(0);

  function run(initial: Int32Array): number {
    assignment = initial;
    sumLoads();
    if (overloadedCount === 0) return 0;
    layOut();
    scanTargets();
    indexEntries();
    refreshAll();
    const { cost, weight } = gap;
    let [checksum, stale] = [0, 0];
    for (let s = bestMachine(); s >= 0; s = bestMachine()) {
      const slot = bestSlot[s];
      const job = slotJob[slot];
      const divisor = Math.min(weight[assignment[job]], used[s] - limit[s]);
      const increase = cheapestTarget(job) - cost[assignment[job]];
      if (increase / divisor === bestRatio[s]) {
        move(s, slot, job, increase / divisor, divisor);
        checksum += 1 + job;
      } else if (++stale > 64 + (candidateCount >> 5)) {
        stale = 0;
        scanTargets();
        refreshAll();
      } else {
        setIncrease(s, slot, increase);
        refresh(s);
      }
    }
    return checksum;
  }

  function isOverloaded(s: number): boolean {
    return room[s] === Number.NEGATIVE_INFINITY;
  }

  function sumLoads(): void {
    const { jobCount, machine, weight, machineCount } = gap;
    used.fill(0);
    const count = bestSlot.fill(0);
    for (let job = 0; job < jobCount; job++) {
      const arc = assignment[job];
      slotOf[job] = -1;
      if (arc < 0) continue;
      const s = machine[arc];
      used[s] += weight[arc];
      if (!(weight[arc] > 0)) continue;
      count[s]++;
      slotOf[job] = s;
    }
    overloadedCount = 0;
    for (let s = 0; s < machineCount; s++) {
      const over = used[s] > limit[s];
      room[s] = over ? Number.NEGATIVE_INFINITY : limit[s] - used[s];
      if (over) overloaded[overloadedCount++] = s;
    }
  }

  function layOut(): void {
    const { jobCount, machineCount } = gap;
    const cursor = bestSlot;
    let [slots, nodes] = [0, 0];
    for (let s = 0; s < machineCount; s++) {
      const over = isOverloaded(s);
      const blocks = over ? Math.ceil(cursor[s] / BLOCK) : 0;
      let width = Number(over);
      while (width > 0 && width < blocks) width *= 2;
      slotStart[s] = slots;
      cursor[s] = slots;
      nodeStart[s] = nodes;
      treeWidth[s] = width;
      slots += blocks * BLOCK;
      nodes += 2 * width;
    }
    slotStart[machineCount] = slots;
    for (const array of [increaseOf, lightTree.leaves, heavyTree.leaves, weightTree.leaves]) {
      array.fill(Number.POSITIVE_INFINITY, 0, slots);
    }
    slotJob.fill(-1, 0, slots);
    for (let job = 0; job < jobCount; job++) {
      const s = slotOf[job];
      if (s < 0) continue;
      slotOf[job] = -1;
      if (!isOverloaded(s)) continue;
      slotOf[job] = cursor[s];
      slotJob[cursor[s]++] = job;
    }
  }

  function scanTargets(): void {
    const { jobCount, machine, cost, weight } = gap;
    candidateCount = 0;
    for (let job = 0; job < jobCount; job++) {
      const slot = slotOf[job];
      if (slot < 0) continue;
      candidateCount++;
      const old = assignment[job];
      const increase = cheapestTarget(job) - cost[old];
      const heavy = weight[old] > used[machine[old]] - limit[machine[old]];
      increaseOf[slot] = increase;
      lightTree.leaves[slot] = heavy ? Number.POSITIVE_INFINITY : increase / weight[old];
      heavyTree.leaves[slot] = heavy ? increase : Number.POSITIVE_INFINITY;
      weightTree.leaves[slot] = heavy ? Number.POSITIVE_INFINITY : -weight[old];
    }
    for (let v = 0; v < overloadedCount; v++) buildAll(overloaded[v]);
  }

  function cheapestTarget(job: number): number {
    const { start, machine, cost, weight } = gap;
    let least = Number.POSITIVE_INFINITY;
    for (let arc = start[job], end = start[job + 1]; arc < end; arc++) {
      if (room[machine[arc]] >= weight[arc] && cost[arc] < least) least = cost[arc];
    }
    return least;
  }

  function indexEntries(): void {
    const { jobCount, machineCount, start, machine, weight } = gap;
    entryStart.fill(0);
    if (overloadedCount < 2) return;
    const cursor = bestSlot.fill(0);
    for (let job = 0; job < jobCount; job++) {
      if (slotOf[job] < 0) continue;
      for (let arc = start[job], end = start[job + 1]; arc < end; arc++) cursor[machine[arc]]++;
    }
    let entries = 0;
    for (let s = 0; s < machineCount; s++) {
      entryStart[s] = entries;
      if (isOverloaded(s)) entries += cursor[s];
    }
    entryStart[machineCount] = entries;
    for (let s = 0; s < machineCount; s++) cursor[s] = isOverloaded(s) ? entryStart[s] : entries;
    for (let job = 0; job < jobCount; job++) {
      const slot = slotOf[job];
      if (slot < 0) continue;
      for (let arc = start[job], end = start[job + 1]; arc < end; arc++) {
        const t = machine[arc];
        const entry = cursor[t];
        cursor[t] = entry + Number(isOverloaded(t));
        entrySlot[entry] = slot;
        entryArc[entry] = arc;
        entryWeight[entry] = weight[arc];
      }
    }
  }

  function bestMachine(): number {
    let best = Number.POSITIVE_INFINITY;
    let machine = -1;
    for (let v = 0; v < overloadedCount; v++) {
      const s = overloaded[v];
      const ratio = bestRatio[s];
      if (ratio > best || ratio === Number.POSITIVE_INFINITY) continue;
      if (ratio < best || slotJob[bestSlot[s]] < slotJob[bestSlot[machine]]) {
        best = ratio;
        machine = s;
      }
    }
    return machine;
  }

  function refreshAll(): void {
    for (let v = 0; v < overloadedCount; v++) refresh(overloaded[v]);
  }

  function refresh(s: number): void {
    const node = nodeStart[s] + 1;
    const over = used[s] - limit[s];
    const light = lightTree.nodes[node];
    const heavy = heavyTree.nodes[node] / over;
    const ratio = Math.min(light, heavy);
    bestRatio[s] = ratio;
    if (ratio === Number.POSITIVE_INFINITY) return;
    let slot = Number.MAX_SAFE_INTEGER;
    if (light === ratio) slot = lowestSlot(lightTree, s, 1, ratio);
    if (heavy === ratio) slot = Math.min(slot, lowestSlot(heavyTree, s, over, ratio));
    bestSlot[s] = slot;
  }

  function move(s: number, slot: number, job: number, ratio: number, divisor: number): void {
    const { start, machine, cost, weight } = gap;
    const old = assignment[job];
    let arc = start[job];
    while (!(room[machine[arc]] >= weight[arc]) || (cost[arc] - cost[old]) / divisor !== ratio) arc++;
    const t = machine[arc];
    assignment[job] = arc;
    used[s] -= weight[old];
    used[t] += weight[arc];
    room[t] = limit[t] - used[t];
    if (used[s] <= limit[s]) leave(s);
    else stay(s, slot);
  }

  function stay(s: number, slot: number): void {
    setIncrease(s, slot, Number.POSITIVE_INFINITY);
    slotOf[slotJob[slot]] = -1;
    slotJob[slot] = -1;
    setLeaf(weightTree, s, slot, Number.POSITIVE_INFINITY);
    makeHeavy(s);
    refresh(s);
  }

  function setIncrease(s: number, slot: number, increase: number): void {
    increaseOf[slot] = increase;
    const load = -weightTree.leaves[slot];
    if (load === Number.NEGATIVE_INFINITY) setLeaf(heavyTree, s, slot, increase);
    else setLeaf(lightTree, s, slot, increase / load);
  }

  function makeHeavy(s: number): void {
    const first = slotStart[s];
    const end = slotStart[s + 1];
    const root = nodeStart[s] + 1;
    const bound = limit[s] - used[s];
    for (let left = 8 + ((end - first) >> 7); left > 0; left--) {
      const heaviest = weightTree.nodes[root];
      if (!(heaviest < bound)) return;
      const slot = lowestSlot(weightTree, s, 1, heaviest);
      setLeaf(weightTree, s, slot, Number.POSITIVE_INFINITY);
      setLeaf(lightTree, s, slot, Number.POSITIVE_INFINITY);
      setLeaf(heavyTree, s, slot, increaseOf[slot]);
    }
    if (!(weightTree.nodes[root] < bound)) return;
    for (let slot = first; slot < end; slot++) {
      if (!(weightTree.leaves[slot] < bound)) continue;
      weightTree.leaves[slot] = Number.POSITIVE_INFINITY;
      lightTree.leaves[slot] = Number.POSITIVE_INFINITY;
      heavyTree.leaves[slot] = increaseOf[slot];
    }
    buildAll(s);
  }

  function leave(s: number): void {
    const { machine, cost } = gap;
    let kept = 0;
    for (let v = 0; v < overloadedCount; v++) {
      if (overloaded[v] !== s) overloaded[kept++] = overloaded[v];
    }
    overloadedCount = kept;
    for (let slot = slotStart[s]; slot < slotStart[s + 1]; slot++) {
      if (slotJob[slot] >= 0) slotOf[slotJob[slot]] = -1;
      slotJob[slot] = -1;
    }
    room[s] = limit[s] - used[s];
    for (let e = entryStart[s]; e < entryStart[s + 1]; e++) {
      if (!(room[s] >= entryWeight[e])) continue;
      const slot = entrySlot[e];
      const job = slotJob[slot];
      if (job < 0) continue;
      const old = assignment[job];
      const increase = cost[entryArc[e]] - cost[old];
      if (increase < increaseOf[slot]) setIncrease(machine[old], slot, increase);
    }
    refreshAll();
  }

  function buildAll(s: number): void {
    for (const tree of [lightTree, heavyTree, weightTree]) {
      tree.build(slotStart[s], slotStart[s + 1], nodeStart[s], treeWidth[s]);
    }
  }

  function setLeaf(tree: Forest, s: number, slot: number, value: number): void {
    tree.set(slotStart[s], nodeStart[s], treeWidth[s], slot, value);
  }

  function lowestSlot(tree: Forest, s: number, divisor: number, bound: number): number {
    return tree.lowest(slotStart[s], nodeStart[s], treeWidth[s], divisor, bound);
  }

  return run;
}

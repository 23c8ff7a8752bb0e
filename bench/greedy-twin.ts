/** The algorithm of `assembly/greedy.ts` in plain TypeScript, for comparison only; see there for why it is exact. */
import type { GapInstance } from '../src/optimizer/gap-instance.ts';

const BLOCK = 16;

interface Forest {
  readonly leaves: Float64Array;
  readonly nodes: Float64Array;
}

export class GreedyTwin {
  readonly #gap: GapInstance;
  readonly #limit: Float64Array;
  readonly #used: Float64Array;
  readonly #room: Float64Array;
  readonly #bestRatio: Float64Array;
  readonly #bestSlot: Int32Array;
  readonly #overloaded: Int32Array;
  #overloadedCount = 0;
  readonly #slotStart: Int32Array;
  readonly #nodeStart: Int32Array;
  readonly #width: Int32Array;
  readonly #slotJob: Int32Array;
  readonly #increase: Float64Array;
  readonly #light: Forest;
  readonly #heavy: Forest;
  readonly #weight: Forest;
  readonly #entryStart: Int32Array;
  readonly #entrySlot: Int32Array;
  readonly #entryArc: Int32Array;
  readonly #entryWeight: Float64Array;
  readonly #slotOf: Int32Array;
  #candidateCount = 0;
  #assignment: Int32Array = new Int32Array(0);

  constructor(gap: GapInstance, limit: Float64Array) {
    const n = gap.machineCount;
    const slots = gap.jobCount + BLOCK * n;
    const nodes = 4 * (Math.ceil(slots / BLOCK) + n);
    const forest = () => ({ leaves: new Float64Array(slots), nodes: new Float64Array(nodes) });
    this.#gap = gap;
    this.#limit = limit;
    this.#used = new Float64Array(n);
    this.#room = new Float64Array(n);
    this.#bestRatio = new Float64Array(n);
    this.#bestSlot = new Int32Array(n);
    this.#overloaded = new Int32Array(n);
    this.#slotStart = new Int32Array(n + 1);
    this.#nodeStart = new Int32Array(n);
    this.#width = new Int32Array(n);
    this.#slotJob = new Int32Array(slots);
    this.#increase = new Float64Array(slots);
    this.#light = forest();
    this.#heavy = forest();
    this.#weight = forest();
    this.#entryStart = new Int32Array(n + 1);
    this.#entrySlot = new Int32Array(gap.machine.length + 1);
    this.#entryArc = new Int32Array(gap.machine.length + 1);
    this.#entryWeight = new Float64Array(gap.machine.length + 1);
    this.#slotOf = new Int32Array(gap.jobCount);
  }

  /** Overwrites the assignment; returns the number of moves plus the sum of the moved jobs. */
  run(assignment: Int32Array): number {
    this.#assignment = assignment;
    this.#sumLoads();
    if (this.#overloadedCount === 0) return 0;
    this.#layOut();
    this.#scanTargets();
    this.#indexEntries();
    this.#refreshAll();
    const { cost, weight } = this.#gap;
    let checksum = 0;
    let stale = 0;
    for (let s = this.#bestMachine(); s >= 0; s = this.#bestMachine()) {
      const slot = this.#bestSlot[s];
      const job = this.#slotJob[slot];
      const divisor = Math.min(weight[assignment[job]], this.#used[s] - this.#limit[s]);
      const increase = this.#cheapestTarget(job) - cost[assignment[job]];
      if (increase / divisor === this.#bestRatio[s]) {
        this.#move(s, slot, job, increase / divisor, divisor);
        checksum += 1 + job;
      } else if (++stale > 64 + (this.#candidateCount >> 5)) {
        stale = 0;
        this.#scanTargets();
        this.#refreshAll();
      } else {
        this.#setIncrease(s, slot, increase);
        this.#refresh(s);
      }
    }
    return checksum;
  }

  #isOverloaded(s: number): boolean {
    return this.#room[s] === Number.NEGATIVE_INFINITY;
  }

  #sumLoads(): void {
    const { jobCount, machine, weight, machineCount } = this.#gap;
    const used = this.#used.fill(0);
    const count = this.#bestSlot.fill(0);
    for (let job = 0; job < jobCount; job++) {
      const arc = this.#assignment[job];
      this.#slotOf[job] = -1;
      if (arc < 0) continue;
      const s = machine[arc];
      used[s] += weight[arc];
      if (!(weight[arc] > 0)) continue;
      count[s]++;
      this.#slotOf[job] = s;
    }
    this.#overloadedCount = 0;
    for (let s = 0; s < machineCount; s++) {
      const over = used[s] > this.#limit[s];
      this.#room[s] = over ? Number.NEGATIVE_INFINITY : this.#limit[s] - used[s];
      if (over) this.#overloaded[this.#overloadedCount++] = s;
    }
  }

  #layOut(): void {
    const { jobCount, machineCount } = this.#gap;
    const cursor = this.#bestSlot;
    let slots = 0;
    let nodes = 0;
    for (let s = 0; s < machineCount; s++) {
      const over = this.#isOverloaded(s);
      const blocks = over ? Math.ceil(cursor[s] / BLOCK) : 0;
      let width = Number(over);
      while (width > 0 && width < blocks) width *= 2;
      this.#slotStart[s] = slots;
      cursor[s] = slots;
      this.#nodeStart[s] = nodes;
      this.#width[s] = width;
      slots += blocks * BLOCK;
      nodes += 2 * width;
    }
    this.#slotStart[machineCount] = slots;
    for (const array of [this.#increase, this.#light.leaves, this.#heavy.leaves, this.#weight.leaves]) {
      array.fill(Number.POSITIVE_INFINITY, 0, slots);
    }
    this.#slotJob.fill(-1, 0, slots);
    for (let job = 0; job < jobCount; job++) {
      const s = this.#slotOf[job];
      if (s < 0) continue;
      this.#slotOf[job] = -1;
      if (!this.#isOverloaded(s)) continue;
      this.#slotOf[job] = cursor[s];
      this.#slotJob[cursor[s]++] = job;
    }
  }

  #scanTargets(): void {
    const { jobCount, machine, cost, weight } = this.#gap;
    this.#candidateCount = 0;
    for (let job = 0; job < jobCount; job++) {
      const slot = this.#slotOf[job];
      if (slot < 0) continue;
      this.#candidateCount++;
      const old = this.#assignment[job];
      const s = machine[old];
      const increase = this.#cheapestTarget(job) - cost[old];
      const heavy = weight[old] > this.#used[s] - this.#limit[s];
      this.#increase[slot] = increase;
      this.#light.leaves[slot] = heavy ? Number.POSITIVE_INFINITY : increase / weight[old];
      this.#heavy.leaves[slot] = heavy ? increase : Number.POSITIVE_INFINITY;
      this.#weight.leaves[slot] = heavy ? Number.POSITIVE_INFINITY : -weight[old];
    }
    for (let v = 0; v < this.#overloadedCount; v++) {
      for (const forest of [this.#light, this.#heavy, this.#weight]) this.#build(forest, this.#overloaded[v]);
    }
  }

  #cheapestTarget(job: number): number {
    const { start, machine, cost, weight } = this.#gap;
    const room = this.#room;
    let least = Number.POSITIVE_INFINITY;
    for (let arc = start[job], end = start[job + 1]; arc < end; arc++) {
      if (room[machine[arc]] >= weight[arc] && cost[arc] < least) least = cost[arc];
    }
    return least;
  }

  #indexEntries(): void {
    const { jobCount, machineCount, start, machine, weight } = this.#gap;
    const entryStart = this.#entryStart.fill(0);
    if (this.#overloadedCount < 2) return;
    const cursor = this.#bestSlot.fill(0);
    for (let job = 0; job < jobCount; job++) {
      if (this.#slotOf[job] < 0) continue;
      for (let arc = start[job], end = start[job + 1]; arc < end; arc++) cursor[machine[arc]]++;
    }
    let entries = 0;
    for (let s = 0; s < machineCount; s++) {
      entryStart[s] = entries;
      if (this.#isOverloaded(s)) entries += cursor[s];
    }
    entryStart[machineCount] = entries;
    for (let s = 0; s < machineCount; s++) cursor[s] = this.#isOverloaded(s) ? entryStart[s] : entries;
    for (let job = 0; job < jobCount; job++) {
      const slot = this.#slotOf[job];
      if (slot < 0) continue;
      for (let arc = start[job], end = start[job + 1]; arc < end; arc++) {
        const t = machine[arc];
        const entry = cursor[t];
        cursor[t] = entry + Number(this.#isOverloaded(t));
        this.#entrySlot[entry] = slot;
        this.#entryArc[entry] = arc;
        this.#entryWeight[entry] = weight[arc];
      }
    }
  }

  #bestMachine(): number {
    let best = Number.POSITIVE_INFINITY;
    let machine = -1;
    for (let v = 0; v < this.#overloadedCount; v++) {
      const s = this.#overloaded[v];
      const ratio = this.#bestRatio[s];
      if (ratio > best || ratio === Number.POSITIVE_INFINITY) continue;
      if (ratio < best || this.#slotJob[this.#bestSlot[s]] < this.#slotJob[this.#bestSlot[machine]]) {
        best = ratio;
        machine = s;
      }
    }
    return machine;
  }

  #refreshAll(): void {
    for (let v = 0; v < this.#overloadedCount; v++) this.#refresh(this.#overloaded[v]);
  }

  #refresh(s: number): void {
    const node = this.#nodeStart[s] + 1;
    const over = this.#used[s] - this.#limit[s];
    const light = this.#light.nodes[node];
    const heavy = this.#heavy.nodes[node] / over;
    const ratio = heavy < light ? heavy : light;
    this.#bestRatio[s] = ratio;
    if (ratio === Number.POSITIVE_INFINITY) return;
    let slot = Number.MAX_SAFE_INTEGER;
    if (light === ratio) slot = this.#lowestSlot(this.#light, s, 1, ratio);
    if (heavy === ratio) slot = Math.min(slot, this.#lowestSlot(this.#heavy, s, over, ratio));
    this.#bestSlot[s] = slot;
  }

  #move(s: number, slot: number, job: number, ratio: number, divisor: number): void {
    const { start, machine, cost, weight } = this.#gap;
    const old = this.#assignment[job];
    let arc = start[job];
    while (!(this.#room[machine[arc]] >= weight[arc]) || (cost[arc] - cost[old]) / divisor !== ratio) arc++;
    const t = machine[arc];
    this.#assignment[job] = arc;
    this.#used[s] -= weight[old];
    this.#used[t] += weight[arc];
    this.#room[t] = this.#limit[t] - this.#used[t];
    if (this.#used[s] <= this.#limit[s]) {
      this.#leave(s);
      return;
    }
    this.#setIncrease(s, slot, Number.POSITIVE_INFINITY);
    this.#slotOf[job] = -1;
    this.#slotJob[slot] = -1;
    this.#setLeaf(this.#weight, s, slot, Number.POSITIVE_INFINITY);
    this.#makeHeavy(s);
    this.#refresh(s);
  }

  #setIncrease(s: number, slot: number, increase: number): void {
    this.#increase[slot] = increase;
    const load = -this.#weight.leaves[slot];
    if (load === Number.NEGATIVE_INFINITY) this.#setLeaf(this.#heavy, s, slot, increase);
    else this.#setLeaf(this.#light, s, slot, increase / load);
  }

  #makeHeavy(s: number): void {
    const first = this.#slotStart[s];
    const end = this.#slotStart[s + 1];
    const root = this.#nodeStart[s] + 1;
    const bound = this.#limit[s] - this.#used[s];
    for (let left = 8 + ((end - first) >> 7); left > 0; left--) {
      const heaviest = this.#weight.nodes[root];
      if (!(heaviest < bound)) return;
      const slot = this.#lowestSlot(this.#weight, s, 1, heaviest);
      this.#setLeaf(this.#weight, s, slot, Number.POSITIVE_INFINITY);
      this.#setLeaf(this.#light, s, slot, Number.POSITIVE_INFINITY);
      this.#setLeaf(this.#heavy, s, slot, this.#increase[slot]);
    }
    if (!(this.#weight.nodes[root] < bound)) return;
    for (let slot = first; slot < end; slot++) {
      if (!(this.#weight.leaves[slot] < bound)) continue;
      this.#weight.leaves[slot] = Number.POSITIVE_INFINITY;
      this.#light.leaves[slot] = Number.POSITIVE_INFINITY;
      this.#heavy.leaves[slot] = this.#increase[slot];
    }
    for (const forest of [this.#light, this.#heavy, this.#weight]) this.#build(forest, s);
  }

  #leave(s: number): void {
    const { machine, cost } = this.#gap;
    let kept = 0;
    for (let v = 0; v < this.#overloadedCount; v++) {
      if (this.#overloaded[v] !== s) this.#overloaded[kept++] = this.#overloaded[v];
    }
    this.#overloadedCount = kept;
    for (let slot = this.#slotStart[s]; slot < this.#slotStart[s + 1]; slot++) {
      if (this.#slotJob[slot] >= 0) this.#slotOf[this.#slotJob[slot]] = -1;
      this.#slotJob[slot] = -1;
    }
    this.#room[s] = this.#limit[s] - this.#used[s];
    for (let e = this.#entryStart[s]; e < this.#entryStart[s + 1]; e++) {
      if (!(this.#room[s] >= this.#entryWeight[e])) continue;
      const slot = this.#entrySlot[e];
      const job = this.#slotJob[slot];
      if (job < 0) continue;
      const arc = this.#entryArc[e];
      const old = this.#assignment[job];
      const increase = cost[arc] - cost[old];
      if (increase < this.#increase[slot]) this.#setIncrease(machine[old], slot, increase);
    }
    this.#refreshAll();
  }

  #blockMinimum(leaves: Float64Array, first: number): number {
    let minimum = leaves[first];
    for (let i = first + 1; i < first + BLOCK; i++) if (leaves[i] < minimum) minimum = leaves[i];
    return minimum;
  }

  #build({ leaves, nodes }: Forest, s: number): void {
    const first = this.#slotStart[s];
    const blocks = (this.#slotStart[s + 1] - first) / BLOCK;
    const base = this.#nodeStart[s];
    const width = this.#width[s];
    for (let block = 0; block < width; block++) {
      nodes[base + width + block] =
        block < blocks ? this.#blockMinimum(leaves, first + block * BLOCK) : Number.POSITIVE_INFINITY;
    }
    for (let node = width - 1; node >= 1; node--) {
      const left = nodes[base + 2 * node];
      const right = nodes[base + 2 * node + 1];
      nodes[base + node] = right < left ? right : left;
    }
  }

  #setLeaf({ leaves, nodes }: Forest, s: number, slot: number, value: number): void {
    const first = this.#slotStart[s];
    const base = this.#nodeStart[s];
    const block = (slot - first) >> 4;
    leaves[slot] = value;
    let minimum = this.#blockMinimum(leaves, first + block * BLOCK);
    for (let node = this.#width[s] + block; nodes[base + node] !== minimum; node >>= 1) {
      nodes[base + node] = minimum;
      if (node === 1) return;
      const sibling = nodes[base + (node ^ 1)];
      if (sibling < minimum) minimum = sibling;
    }
  }

  #lowestSlot({ leaves, nodes }: Forest, s: number, divisor: number, bound: number): number {
    const base = this.#nodeStart[s];
    const width = this.#width[s];
    let node = 1;
    while (node < width) {
      node *= 2;
      if (!(nodes[base + node] / divisor <= bound)) node++;
    }
    let slot = this.#slotStart[s] + (node - width) * BLOCK;
    while (!(leaves[slot] / divisor <= bound)) slot++;
    return slot;
  }
}

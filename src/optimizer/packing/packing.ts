/**
 * Items into bins that have hardly any room to spare: item r of weight w_r goes into one of its bins, Σ w ≤ capacity for
 * every bin (multiple subset sum with assignment restrictions). Where the capacities add up to little more than the weights
 * nearly every bin has to be filled to the last unit, which local search meets by chance only.
 *
 * Depth first over bins: the one with the fewest items to choose among is filled next, from the subsets of the sums that are
 * wanted (see subset-sums), the fullest first and those near a guide, and what is left over must still have a bin. What
 * all bins together may leave empty is given, so a filling that wastes more is never made. A bad choice at the top costs
 * any number of nodes, so it begins anew again and again, with other trust in the guide, after few nodes mostly (Luby et
 * al. 1993), until it is found.
 *
 * Deterministic for a seed unless the control ends it. Ends at `NODES` fillings. Cost of one: a table of subset sums.
 */
import { uniform } from '../run/random.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import { SubsetSums } from './subset-sums.ts';

export interface PackingInstance {
  /** Int32 [items], > 0. */
  readonly weight: Int32Array;
  /** Int32 [items + 1] into `bin`, the bins that an item may go into. */
  readonly start: Int32Array;
  readonly bin: Int32Array;
  /** Int32 [bins], ≥ 0. */
  readonly capacity: Int32Array;
}

export interface PackingOptions {
  /** Int32 [items], the bin that is tried first; or -1. */
  readonly guide: Int32Array;
  readonly seed: number;
  readonly control: RunControl;
}

/** Fillings of the shortest runs, and of all together. */
const FEWEST_NODES = 100;
const NODES = 200_000;
/** How often the guide is not followed, run by run: near it a packing is cheaper, far from it one is found sooner. */
const DOUBTS = [0.02, 0.3, 1, 1];
/** Fillings between two questions whether to go on. */
const NODES_ASKED = 20;

export interface NearOptions {
  /** Int32 [items], the bin that is tried first; or -1. */
  readonly guide: Int32Array;
  /** Share of the items that do not follow it. */
  readonly doubt: number;
  readonly nodeLimit: number;
  readonly random: () => number;
  readonly control: RunControl;
}

/** Int32 [items], the bin of each; null where none was found. */
export function pack(instance: PackingInstance, { guide, seed, control }: PackingOptions): Int32Array | null {
  const random = uniform(seed);
  let used = 0;
  for (let run = 0; used < NODES && !stopRequested(control); run++) {
    const doubt = DOUBTS[run % DOUBTS.length];
    const nodeLimit = FEWEST_NODES * luby(run + 1);
    const { binOf, nodes } = packNear(instance, { guide, doubt, nodeLimit, random, control });
    // All of it was searched.
    if (binOf !== null || nodes < nodeLimit) return binOf;
    used += nodes;
  }
  return null;
}

/** 1, 1, 2, 1, 1, 2, 4, 1, …: term `place`, from 1. */
function luby(place: number): number {
  const bits = 32 - Math.clz32(place);
  return place === 2 ** bits - 1 ? 2 ** (bits - 1) : luby(place - 2 ** (bits - 1) + 1);
}

/** A single run; `nodes` below the limit: there is no packing, or it was stopped. */
export function packNear(
  instance: PackingInstance,
  { guide, doubt, nodeLimit, random, control }: NearOptions,
): { readonly binOf: Int32Array | null; readonly nodes: number } {
  const sum = (values: Int32Array) => values.reduce((total, value) => total + value, 0);
  const slack = sum(instance.capacity) - sum(instance.weight);
  if (slack < 0) return { binOf: null, nodes: 0 };
  const prefers = (item: number, bin: number) => (random() < doubt ? random() < 0.5 : guide[item] === bin);
  const search = new PackingSearch(
    instance,
    prefers,
    () => search.nodes >= nodeLimit || isAskedToStop(search, control),
  );
  return { binOf: search.run(slack), nodes: search.nodes };
}

function isAskedToStop({ nodes }: PackingSearch, control: RunControl): boolean {
  return nodes % NODES_ASKED === 0 && stopRequested(control);
}

/** What a bin that is not filled yet could take of the items that are left. */
class Contents {
  /** Weight of those that have no other bin. */
  forcedWeight = 0;
  readonly forced: number[] = [];
  readonly free: number[] = [];
}

class PackingSearch {
  nodes = 0;
  private readonly binOf: Int32Array;
  private readonly isFilled: Uint8Array;
  private readonly heaviestFirst: Int32Array;
  private readonly instance: PackingInstance;
  private readonly prefers: (item: number, bin: number) => boolean;
  private readonly isOver: () => boolean;

  constructor(instance: PackingInstance, prefers: (item: number, bin: number) => boolean, isOver: () => boolean) {
    this.instance = instance;
    this.prefers = prefers;
    this.isOver = isOver;
    this.binOf = new Int32Array(instance.weight.length).fill(-1);
    this.isFilled = new Uint8Array(instance.capacity.length);
    this.heaviestFirst = instance.weight
      .map((_, item) => item)
      .sort((a, b) => instance.weight[b] - instance.weight[a] || a - b);
  }

  run(slack: number): Int32Array | null {
    this.fill(slack);
    return this.binOf.includes(-1) ? null : this.binOf;
  }

  /** Fills the bins that are left, which may leave `slack` empty; true ends the search, with every item placed or not. */
  private fill(slack: number): boolean {
    const { weight, capacity } = this.instance;
    const contents = this.contentsOfBins();
    if (contents === null) return false;
    const bin = this.tightest(contents);
    if (bin < 0) return true;
    const { forced, forcedWeight, free } = contents[bin];
    const room = capacity[bin] - forcedWeight;
    const sums = new SubsetSums(
      Int32Array.from(free, (item) => weight[item]),
      room,
    );
    const prefersTaken = Uint8Array.from(free, (item) => Number(this.prefers(item, bin)));
    const place = (items: readonly number[], to: number) => {
      for (const item of items) this.binOf[item] = to;
    };
    this.isFilled[bin] = 1;
    place(forced, bin);
    for (let empty = 0; empty <= Math.min(slack, room); empty++) {
      const isEnded = sums.forEach(room - empty, prefersTaken, (isTaken) => {
        if (this.isOver()) return true;
        this.nodes++;
        free.forEach((item, at) => {
          this.binOf[item] = isTaken[at] === 1 ? bin : -1;
        });
        return this.fill(slack - empty);
      });
      if (isEnded) return true;
    }
    place([...forced, ...free], -1);
    this.isFilled[bin] = 0;
    return false;
  }

  /** By bin; null where an item has none left, or only one that is too small. Items heaviest first, so that the finest choices are the last. */
  private contentsOfBins(): Contents[] | null {
    const { weight, start, bin, capacity } = this.instance;
    const contents = Array.from(capacity, () => new Contents());
    for (const item of this.heaviestFirst) {
      if (this.binOf[item] >= 0) continue;
      const open = bin.subarray(start[item], start[item + 1]).filter((one) => this.isFilled[one] === 0);
      if (open.length === 0) return null;
      if (open.length > 1) {
        for (const one of open) contents[one].free.push(item);
        continue;
      }
      contents[open[0]].forced.push(item);
      contents[open[0]].forcedWeight += weight[item];
    }
    return contents.some(({ forcedWeight }, one) => forcedWeight > capacity[one]) ? null : contents;
  }

  /** The bin with the fewest free items among those that are not filled and have any item; or -1. */
  private tightest(contents: readonly Contents[]): number {
    let best = -1;
    contents.forEach(({ forced, free }, bin) => {
      if (forced.length + free.length === 0) return;
      if (best < 0 || free.length < contents[best].free.length) best = bin;
    });
    return best;
  }
}

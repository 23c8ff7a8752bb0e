/**
 * The prefix kernels on one problem, which is copied into their memory once: the cheapest choice of every prefix under
 * prices (see prefix-oracle for L), and plans made prefix by prefix (see prefix-descent).
 *
 * What a call returns are views: valid until the next call, not to be written. `pass`, `place` and `fill` throw Interruption
 * where the control stops them in the middle; a plan is then as far as they got. Cost of a pass: O(pairs · |Out|) where
 * the cheapest entry of a neighbor for each egress decides, else O(pairs · |In| · |Out|) times the nodes of the search.
 */
import { EgressoError } from '../../errors.ts';
import type { Choice } from '../../problem/choice.ts';
import type { Problem } from '../../problem/problem.ts';
import { checkStop, type RunControl, UNLIMITED } from '../run/run-control.ts';
import { Kernels } from './kernels.ts';
import { type PrefixFrame, type PrefixFrameOptions, prefixFrame } from './prefix-frame.ts';

type Word = 'nodeLimit' | 'costWeight' | 'pruned' | 'listCount' | 'keeps' | 'continues';

/** A call takes so many pairs: well below a tenth of a second, so that a run can be stopped. */
const PART_PAIRS = 5_000;
/** Nodes of the search for one egress set: where a bound is wanted, and where a plan is. */
export const THOROUGH = 400;
export const SEARCHING = 60;

export interface PassOptions {
  /** Float64 [2n], ≥ 0: ingress sides, then egress sides. */
  readonly prices: Float64Array;
  /** How many times the real cost counts. */
  readonly costWeight: 0 | 1;
  /** Float64 [2n]: a pair that exceeds it by itself may not use that side; null: all may. */
  readonly room: Float64Array | null;
  readonly nodeLimit: number;
  /** Goes on when the time is over, `always` when it is cancelled too. */
  readonly patient?: 'clock' | 'always';
}

export interface Pass {
  /** Σ of the bounds, each ≤ the least value of its prefix; Infinity where one has no choice. */
  readonly minima: number;
  /** Float64 [prefixes], the bounds. */
  readonly value: Float64Array;
  /** Float64 [2n], loads of the choices found. */
  readonly load: Float64Array;
  /** The choices found; slot -1 for a prefix without one. */
  readonly choice: Choice;
}

export interface PlaceOptions {
  /** Int32, prefixes in the order in which they choose. */
  readonly list: Int32Array;
  readonly prices: Float64Array;
  /** A prefix keeps its choice unless the new one is better by overload, then by real cost. */
  readonly keeps: boolean;
  readonly nodeLimit: number;
}

export interface Reinsertion {
  /** By how much the real cost changed; 0 where it was undone. */
  readonly costDelta: number;
  /** Overload of the plan against its limits. */
  readonly overload: number;
}

export class PrefixKernel {
  readonly #problem: Problem;
  readonly #at: PrefixFrame;
  readonly #kernels = new Kernels();
  readonly #all: Int32Array;
  readonly #control: RunControl;

  constructor(problem: Problem, options: PrefixFrameOptions, control: RunControl = UNLIMITED) {
    this.#problem = problem;
    this.#control = control;
    this.#at = prefixFrame(problem, options);
    this.#kernels.load(this.#at.frame);
    this.#all = Int32Array.from({ length: problem.prefixCount }, (_, k) => k);
  }

  /** Cheapest choice of each prefix named, all where `list` is left out. */
  pass({ prices, costWeight, room, nodeLimit, patient }: PassOptions, list: Int32Array = this.#all): Pass {
    const at = this.#at;
    this.#words({ nodeLimit, costWeight, pruned: Number(room !== null) });
    this.#floats(at.prices, prices);
    if (room !== null) this.#floats(at.room, room);
    this.#inParts('pricePrefixes', list, patiently(this.#control, patient));
    const { pairCount, prefixCount, pointCount } = this.#problem;
    const { buffer } = this.#kernels;
    const [sum, compensation] = new Float64Array(buffer, at.total, 2);
    return {
      minima: sum === Number.POSITIVE_INFINITY ? sum : sum + compensation,
      value: new Float64Array(buffer, at.value, prefixCount),
      load: new Float64Array(buffer, at.foundLoad, 2 * pointCount),
      choice: {
        ingress: new Int32Array(buffer, at.foundIngress, pairCount),
        slot: new Int32Array(buffer, at.foundSlot, pairCount),
      },
    };
  }

  /** Sets the plan that `place` works on; a prefix of slot -1 is not placed. */
  setPlan(choice: Choice, limit: Float64Array, dear: number): void {
    const { pairCount, pointCount, pairVolume, egressPoint } = this.#problem;
    const load = new Float64Array(2 * pointCount);
    for (let pair = 0; pair < pairCount; pair++) {
      if (choice.slot[pair] < 0) continue;
      load[choice.ingress[pair]] += pairVolume[pair];
      load[pointCount + egressPoint[choice.slot[pair]]] += pairVolume[pair];
    }
    this.#ints(this.#at.placedIngress, choice.ingress);
    this.#ints(this.#at.placedSlot, choice.slot);
    this.#floats(this.#at.load, load);
    this.#floats(this.#at.limit, limit);
    this.#floats(this.#at.terms, Float64Array.of(dear, dear));
  }

  /** What a unit of overload counts in `place` and `reinsert`. */
  setWeight(weight: number): void {
    new Float64Array(this.#kernels.buffer, this.#at.terms, 2)[1] = weight;
  }

  /** Costs of a change, Float64 [pairs], from now on; the problem had one that is not 0. */
  setChangeUnits(units: Float64Array): void {
    if (this.#at.changeUnit === 0) throw new EgressoError('INTERNAL', 'the problem was without costs of changes');
    this.#floats(this.#at.changeUnit, units);
  }

  /** Lets prefixes choose in the room that the others leave; returns the plan. */
  place({ list, prices, keeps, nodeLimit }: PlaceOptions): Choice & { readonly load: Float64Array } {
    const at = this.#at;
    this.#words({ nodeLimit, costWeight: 1, pruned: 0, keeps: Number(keeps) });
    this.#floats(at.prices, prices);
    this.#inParts('placePrefixes', list, this.#control);
    return this.plan();
  }

  /**
   * Places prefixes under prices that follow the loads, by `stiffness` for a side that is one whole room ahead of where it
   * would be at the same share of `wholeVolume`.
   */
  fill(options: Omit<PlaceOptions, 'keeps'>, stiffness: number, wholeVolume: number): void {
    const { list, prices, nodeLimit } = options;
    const at = this.#at;
    this.#words({ nodeLimit, costWeight: 1, pruned: 0 });
    this.#floats(at.prices, prices);
    const terms = new Float64Array(this.#kernels.buffer, at.terms, 6);
    terms[2] = stiffness;
    terms[5] = wholeVolume;
    this.#inParts('fillPrefixes', list, this.#control);
  }

  /**
   * Takes the prefixes out of the plan and lets them choose anew, in order; undone unless that lowers the overload, or
   * changes the real cost by no more than `allowance` at no more overload.
   */
  reinsert({ list, prices, nodeLimit }: Omit<PlaceOptions, 'keeps'>, allowance: number): Reinsertion {
    const at = this.#at;
    this.#words({ nodeLimit, costWeight: 1, pruned: 0, listCount: list.length });
    this.#floats(at.prices, prices);
    this.#ints(at.list, list);
    const terms = new Float64Array(this.#kernels.buffer, at.terms, 5);
    terms[2] = allowance;
    this.#kernels.call('reinsertPrefixes', at.frame);
    return { costDelta: terms[3], overload: terms[4] };
  }

  /** The plan: views, valid until the next call. */
  plan(): Choice & { readonly load: Float64Array } {
    const { pairCount, pointCount } = this.#problem;
    const { buffer } = this.#kernels;
    return {
      ingress: new Int32Array(buffer, this.#at.placedIngress, pairCount),
      slot: new Int32Array(buffer, this.#at.placedSlot, pairCount),
      load: new Float64Array(buffer, this.#at.load, 2 * pointCount),
    };
  }

  /** Calls a kernel on the list, part by part, and asks in between whether to go on. */
  #inParts(kernel: 'pricePrefixes' | 'placePrefixes' | 'fillPrefixes', list: Int32Array, control: RunControl): void {
    const { pairStart } = this.#problem;
    let first = 0;
    do {
      if (first > 0) checkStop(control);
      let end = first;
      for (let pairs = 0; end < list.length && pairs < PART_PAIRS; end++) {
        pairs += pairStart[list[end] + 1] - pairStart[list[end]];
      }
      this.#words({ listCount: end - first, continues: Number(first > 0) });
      this.#ints(this.#at.list, list.subarray(first, end));
      this.#kernels.call(kernel, this.#at.frame);
      first = end;
    } while (first < list.length);
  }

  #words(values: Partial<Record<Word, number>>): void {
    for (const [name, value] of Object.entries(values)) {
      const word = this.#at[name as keyof typeof values];
      this.#at.frame.set(this.#kernels.buffer, word, value);
    }
  }

  #floats(address: number, values: Float64Array): void {
    new Float64Array(this.#kernels.buffer, address, values.length).set(values);
  }

  #ints(address: number, values: Int32Array): void {
    if (values.length > Math.max(this.#problem.prefixCount, this.#problem.pairCount)) {
      throw new EgressoError('INTERNAL', `a list of ${values.length} is longer than the problem`);
    }
    new Int32Array(this.#kernels.buffer, address, values.length).set(values);
  }
}

/** It is asked all the same: that is a sign of life. */
function patiently(control: RunControl, patient: PassOptions['patient']): RunControl {
  if (patient === undefined) return control;
  const cancelled = () => control.cancelled() && patient === 'clock';
  return { ...control, cancelled, remainingMs: () => Number.POSITIVE_INFINITY };
}

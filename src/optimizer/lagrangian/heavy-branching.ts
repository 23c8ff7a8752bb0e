/**
 * The bound with the heaviest prefixes held whole, as far as the time goes (one egress a prefix).
 *
 * The relaxation lets a heavy prefix be split, and where light ones are many that is most of what it lacks. Branch and bound on
 * what it splits (Land and Doig 1960): in the leaf of least bound, the prefix or pair with the most volume off its widest way, egress
 * or ingress, goes each of its ways in a leaf of its own. Such a leaf begins at L of its parent's prices, higher by what the way costs more
 * there, and is relaxed when its turn comes, from the prices and columns of its parent: most ways never have a turn.
 *
 * Guarantee: no plan that fits is below the least bound of the leaves, wherever it is stopped, and that never falls. Cost: a
 * relaxation for each leaf that has its turn, some thirty rounds.
 */
import type { Problem } from '../../problem/problem.ts';
import { sideRoom } from '../../problem/sides.ts';
import { generateColumns, type Relaxation } from '../column-generation/column-generation.ts';
import type { Column } from '../column-generation/column-pool.ts';
import { valueUnder } from '../column-generation/restricted-program.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import { attemptStage } from '../run/stage.ts';
import type { Bound } from './bound.ts';
import { type Hold, type Holds, holdsColumn, RestrictedOracle } from './restricted-oracle.ts';
import { type Split, waysOf, widestSplit } from './splits.ts';

/** Columns of a block that a leaf takes from its parent: those of least reduced cost, and those in use. */
const KEPT = 16;
const LEAST_SHARE = 1e-4;

export interface BranchingOptions {
  /** Relative distance between the two values of a relaxation at which it ends. */
  readonly tolerance: number;
  readonly maxRounds: number;
  /** What a unit of overflow costs. */
  readonly dear: number;
  /** A bound at which it ends. */
  readonly enough: number;
  readonly control: RunControl;
}

export interface Branched {
  readonly lowerBound: number;
  /** Leaves that were relaxed. */
  readonly relaxed: number;
}

interface Leaf {
  readonly holds: Holds;
  /** Of every plan in which the prefixes are held so. */
  readonly bound: number;
  /** Float64 [2n], and the columns: its own once it is relaxed, before that its parent's. */
  readonly prices: Float64Array;
  readonly columns: readonly Column[];
  /** Null before its turn. */
  readonly relaxed: { readonly value: number; readonly split: Split | null } | null;
}

/** @param bound one that is not null. */
export function branchOnHeavy(problem: Problem, bound: Bound, options: BranchingOptions): Branched {
  return new Branching(problem, bound, options).run();
}

class Branching {
  private readonly problem: Problem;
  private readonly bound: Bound;
  private readonly options: BranchingOptions;
  private readonly room: Float64Array;

  constructor(problem: Problem, bound: Bound, options: BranchingOptions) {
    this.problem = problem;
    this.bound = bound;
    this.options = options;
    this.room = sideRoom(problem);
  }

  run(): Branched {
    const { control, enough } = this.options;
    const { relaxation, lowerBound } = this.bound;
    const root: Leaf = {
      holds: new Map(),
      bound: lowerBound ?? 0,
      prices: relaxation.prices,
      columns: [],
      relaxed: null,
    };
    let leaves = [this.withRelaxation(root, relaxation)];
    let relaxed = 0;
    for (;;) {
      const lowest = leaves.reduce((least, leaf) => (leaf.bound < least.bound ? leaf : least));
      control.report({ phase: 'branching', incumbent: null, bound: lowest.bound });
      const isDone = lowest.bound >= enough || stopRequested(control);
      const next = isDone ? null : lowest.relaxed === null ? this.relax(lowest) : this.divide(lowest);
      // Stopped, or whole in everything that stands alone, or so held that nothing fits, which a plan that fits refutes.
      if (next === null || next.length === 0) return { lowerBound: lowest.bound, relaxed };
      if (lowest.relaxed === null) relaxed++;
      leaves = [...leaves.filter((leaf) => leaf !== lowest), ...next];
    }
  }

  /** Null where it was stopped before it knew anything. */
  private relax(leaf: Leaf): Leaf[] | null {
    const { control, dear, tolerance, maxRounds } = this.options;
    const relaxation = attemptStage(control, () =>
      generateColumns(this.oracleOf(leaf), {
        capacity: this.room,
        costWeight: 1,
        overflowPrice: dear,
        startPrices: leaf.prices,
        vertex: false,
        tolerance,
        maxRounds,
        control,
      }),
    );
    return relaxation === null ? null : [this.withRelaxation(leaf, relaxation)];
  }

  private withRelaxation(leaf: Leaf, relaxation: Relaxation): Leaf {
    const { prices, bound: value } = relaxation;
    const split = widestSplit(this.problem, this.bound.oracle, leaf.holds, relaxation);
    const columns = worthKeeping(relaxation);
    return { holds: leaf.holds, bound: Math.max(leaf.bound, value), prices, columns, relaxed: { value, split } };
  }

  /** A leaf for each way of what is split; null where nothing is. */
  private divide(leaf: Leaf): Leaf[] | null {
    const { problem, bound } = this;
    const { holds, prices, columns, relaxed } = leaf;
    if (relaxed === null || relaxed.split === null) return null;
    const { block } = relaxed.split;
    const oracle = this.oracleOf(leaf);
    const costOf = (hold: Hold): number => oracle.cheapest(block, hold, prices, 1).value;
    const ways = waysOf(problem, bound.oracle, relaxed.split, holds.get(block)).map((hold) => ({
      hold,
      value: costOf(hold),
    }));
    const least = ways.reduce((least, { value }) => Math.min(least, value), Number.POSITIVE_INFINITY);
    return ways
      .filter(({ value }) => value < Number.POSITIVE_INFINITY)
      .map(({ hold, value }) => ({
        holds: new Map(holds).set(block, hold),
        bound: Math.max(leaf.bound, relaxed.value + (value - least)),
        prices,
        columns: columns.filter((column) => column.block !== block || holdsColumn(hold, column)),
        relaxed: null,
      }));
  }

  private oracleOf({ holds, columns }: Leaf): RestrictedOracle {
    return new RestrictedOracle(this.problem, this.bound.oracle, { holds, room: this.room, columns });
  }
}

function worthKeeping({ pool, prices, share }: Relaxation): Column[] {
  const reduced = pool.columns.map((column) => valueUnder(column, prices, 1));
  return pool.ofBlock.flatMap((indices) =>
    indices
      .toSorted((a, b) => reduced[a] - reduced[b] || a - b)
      .filter((index, place) => place < KEPT || share[index] > LEAST_SHARE)
      .map((index) => pool.columns[index]),
  );
}

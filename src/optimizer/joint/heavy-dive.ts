/**
 * Whole choices for the heaviest prefixes, those that the relaxation splits at a loss.
 *
 * Dive: heaviest first, a prefix that has nearly all of its share on one column of the restricted program takes it. Where
 * it is split, its columns of largest share are tried in turn, the other prefixes and all groups still divisible, and the
 * one of least cost is taken. Columns that no longer fit leave, where a prefix has others. No guarantee. Cost: one small
 * linear program, and for each prefix that is split when its turn comes `TRIED` more that start from its basis.
 */
import type { Choice } from '../../problem/choice.ts';
import type { Problem } from '../../problem/problem.ts';
import type { Relaxation } from '../column-generation/column-generation.ts';
import type { Column } from '../column-generation/column-pool.ts';
import { scalesOf, valueUnder } from '../column-generation/restricted-program.ts';
import type { GroupOracle } from '../lagrangian/group-oracle.ts';
import { nothing } from '../lagrangian/prefix-plan.ts';
import { type LinearSession, type LinearSolution, withLinearSession } from '../milp/linear.ts';
import { ProgramBuilder } from '../milp/program-builder.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import type { Shared } from './share-rounding.ts';

/** A share above this is as good as whole. */
const WHOLE = 0.9;
/**
 * Columns of a block that stay, those of least reduced cost, besides those in use. With all of some fifty the linear
 * programs take three to five times as long, for a plan that is a tenth of a per cent better; with half as many it is one worse.
 */
const KEPT = 24;
const LEAST_SHARE = 1e-3;
/** Columns tried for a prefix that is split, and the share that one needs for it. */
const TRIED = 3;
const LEAST_TRIED = 0.05;

export interface DiveOptions {
  /** How many of the prefixes that stand alone get a whole choice. */
  readonly count: number;
  /** Float64 [2n]. */
  readonly limit: Float64Array;
  readonly overflowPrice: number;
  readonly control: RunControl;
}

export interface Dived extends Shared {
  /** The first `count` prefixes that stand alone are placed, fewer where it was stopped, and no others. */
  readonly choice: Choice;
}

/** The shares are those of the relaxation in which what is placed is whole; owned by the caller, as the choice is. */
export function diveHeavy(problem: Problem, oracle: GroupOracle, relaxation: Relaxation, options: DiveOptions): Dived {
  const kept = worthKeeping(relaxation);
  const columns = kept.map((index) => relaxation.pool.columns[index]);
  const program = divisibleProgram(columns, oracle.blockCount, options);
  const { taken, share } = withLinearSession(program, options.control, (session) =>
    new Dive(columns, session, Math.min(options.count, oracle.aloneOf.length), options).run(),
  );
  const choice = nothing(problem);
  taken.forEach((index, block) => {
    const detail = columns[index].detail as Int32Array;
    const first = problem.pairStart[oracle.aloneOf[block]];
    choice.ingress.set(detail.subarray(0, detail.length / 2), first);
    choice.slot.set(detail.subarray(detail.length / 2), first);
  });
  // Stopped before the first of the linear programs had ended: as the relaxation left it.
  return {
    choice,
    columns,
    share: share.length > 0 ? share : Float64Array.from(kept, (index) => relaxation.share[index]),
  };
}

class Dive {
  private readonly columns: readonly Column[];
  private readonly session: LinearSession;
  private readonly options: DiveOptions;
  /** Columns of each prefix that gets a choice. */
  private readonly own: number[][];
  private readonly room: Float64Array;

  constructor(columns: readonly Column[], session: LinearSession, count: number, options: DiveOptions) {
    this.columns = columns;
    this.session = session;
    this.options = options;
    this.room = options.limit.slice();
    this.own = Array.from({ length: count }, () => []);
    columns.forEach(({ block }, index) => {
      if (block < count) this.own[block].push(index);
    });
  }

  /** Column of each prefix, of the first ones where it was stopped, and the last shares. */
  run(): { taken: number[]; share: Float64Array } {
    const taken: number[] = [];
    let solution = this.session.solve();
    for (let block = 0; block < this.own.length; block++) {
      if (solution.status !== 'optimal' || stopRequested(this.options.control)) break;
      const [first, ...others] = this.candidates(block, solution.x);
      let chosen = first;
      if (solution.x[first] < WHOLE) {
        let least = Number.POSITIVE_INFINITY;
        for (const index of [first, ...others]) {
          this.fix(block, index);
          const tried: LinearSolution = this.session.solve();
          if (tried.status === 'optimal' && tried.objective < least) [least, chosen] = [tried.objective, index];
        }
        if (least === Number.POSITIVE_INFINITY) break;
      }
      this.fix(block, chosen);
      this.take(block, chosen);
      taken.push(chosen);
      const next = solution.x[first] < WHOLE ? this.session.solve() : solution;
      if (next.status !== 'optimal') break;
      solution = next;
    }
    return { taken, share: solution.x.slice(0, this.columns.length) };
  }

  /** Columns of a prefix by falling share: the first, and others that have some. */
  private candidates(block: number, share: Float64Array): number[] {
    const byShare = this.own[block].toSorted((a, b) => share[b] - share[a] || a - b);
    return byShare.filter((index, place) => place === 0 || (place < TRIED && share[index] > LEAST_TRIED));
  }

  private fix(block: number, chosen: number): void {
    for (const index of this.own[block])
      this.session.setBounds(index, index === chosen ? 1 : 0, index === chosen ? 1 : 0);
  }

  /** Takes the room of a column, and leaves out what no longer fits. */
  private take(block: number, chosen: number): void {
    const { resources, amounts } = this.columns[chosen];
    for (let at = 0; at < amounts.length; at++) this.room[resources[at]] -= amounts[at];
    for (const indices of this.own.slice(block + 1)) {
      const fitting = indices.filter((index) => this.fits(this.columns[index]));
      if (fitting.length === 0 || fitting.length === indices.length) continue;
      for (const index of indices) if (!fitting.includes(index)) this.session.setBounds(index, 0, 0);
      indices.splice(0, indices.length, ...fitting);
    }
  }

  private fits({ resources, amounts }: Column): boolean {
    for (let at = 0; at < amounts.length; at++) if (amounts[at] > this.room[resources[at]]) return false;
    return true;
  }
}

/** Indices of the columns of small reduced cost, or in use: ascending. */
function worthKeeping({ pool, prices, share }: Relaxation): number[] {
  const reduced = pool.columns.map((column) => valueUnder(column, prices, 1));
  const kept = pool.ofBlock.flatMap((indices) => {
    const byReducedCost = indices.toSorted((a, b) => reduced[a] - reduced[b] || a - b);
    return byReducedCost.filter((index, place) => place < KEPT || share[index] > LEAST_SHARE);
  });
  return kept.sort((a, b) => a - b);
}

/** The restricted program over all of the columns, in their order, then an overflow column for each side. */
function divisibleProgram(
  columns: readonly Column[],
  blockCount: number,
  { limit, overflowPrice }: Pick<DiveOptions, 'limit' | 'overflowPrice'>,
) {
  const scale = scalesOf({ columns: [...columns] }, 1);
  const program = new ProgramBuilder();
  const sideRow = Int32Array.from(limit, (one) =>
    Number.isFinite(one) ? program.addRow(Number.NEGATIVE_INFINITY, one / scale.amount) : -1,
  );
  const blockRow = Array.from({ length: blockCount }, () => program.addRow(1, 1));
  for (const { block, cost, resources, amounts } of columns) {
    const rows = [blockRow[block]];
    const values = [1];
    for (let at = 0; at < amounts.length; at++) {
      if (sideRow[resources[at]] < 0) continue;
      rows.push(sideRow[resources[at]]);
      values.push(amounts[at] / scale.amount);
    }
    program.addColumn({ cost: cost / scale.cost, upper: 1, rows, values });
  }
  const dear = (overflowPrice * scale.amount) / scale.cost;
  for (const row of sideRow) if (row >= 0) program.addColumn({ cost: dear, rows: [row], values: [-1] });
  return program.build();
}

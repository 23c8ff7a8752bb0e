/**
 * Large neighborhood search by the integer program: some prefixes that share points are freed, and solved to the optimum
 * together in the room that the others leave (see exact, sub-problem). How many are freed follows what branch and bound
 * finishes within its nodes.
 *
 * Deterministic for a seed unless a clock ends it; ends after `PATIENCE` neighborhoods without gain. Guarantee: the
 * incumbent never gets worse. Cost: an integer program of some hundred columns each.
 */
import { evaluate } from '../../problem/choice.ts';
import { prefixesByVolume, volumeByPrefix } from '../../problem/prefix-volume.ts';
import type { Problem } from '../../problem/problem.ts';
import { solveExact } from '../exact/exact.ts';
import { exactSize } from '../exact/exact-program.ts';
import { drawByVolume } from '../local-search/relatives.ts';
import type { Incumbent } from '../run/incumbent.ts';
import { uniform } from '../run/random.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import { subProblem } from './sub-problem.ts';

const PATIENCE = 40;
const FIRST_SIZE = 6;
const LEAST_SIZE = 2;
const NODES = 300;
const MOST_COLUMNS = 6_000;
const DRAWS_EACH = 4;

export interface NeighborhoodOptions {
  readonly variant: 'ses' | 'mes';
  readonly seed: number;
  /** Objective at which it ends. */
  readonly target: number;
  readonly control: RunControl;
}

/** Returns the number of neighborhoods. */
export function searchExactly(problem: Problem, incumbent: Incumbent, options: NeighborhoodOptions): number {
  const { variant, seed, control } = options;
  const volume = volumeByPrefix(problem);
  const withTraffic = Int32Array.from(prefixesByVolume(problem, volume));
  const draw = drawByVolume(withTraffic, volume, uniform(seed));
  let size = Math.min(FIRST_SIZE, withTraffic.length);
  let count = 0;
  if (withTraffic.length === 0) return 0;
  for (let stalled = 0; stalled < PATIENCE && !stopRequested(control); count++) {
    const { choice, evaluation } = incumbent.candidate;
    if (evaluation.overload === 0 && evaluation.objective <= options.target) break;
    const freed = leavingTogether(problem, choice.slot, withTraffic, size, draw);
    const part = subProblem(problem, freed, choice);
    if (exactSize(part.problem, variant).columns > MOST_COLUMNS) {
      if (size <= LEAST_SIZE) break;
      size--;
      continue;
    }
    const own = part.restrict(choice);
    const start = { choice: own, evaluation: evaluate(part.problem, own) };
    const quiet = { ...control, report: () => {} };
    const { candidate, finished } = solveExact(part.problem, {
      variant,
      seed,
      start,
      nodeLimit: NODES,
      control: quiet,
    });
    if (candidate !== null) incumbent.offer(part.merge(choice, candidate.choice));
    // All of it at once: there is nothing better.
    if (finished && size === withTraffic.length) return count + 1;
    stalled = incumbent.candidate.choice === choice ? stalled + 1 : 0;
    size = finished ? Math.min(withTraffic.length, size + 1) : Math.max(LEAST_SIZE, size - 1);
  }
  return count;
}

/** Prefixes that leave where the first of them does, then any: ascending. */
function leavingTogether(
  { pairStart, egressPoint }: Problem,
  slot: Int32Array,
  withTraffic: Int32Array,
  size: number,
  draw: () => number,
): Int32Array {
  const pointsOf = (k: number) => Array.from(slot.subarray(pairStart[k], pairStart[k + 1]), (e) => egressPoint[e]);
  const first = draw();
  const chosen = new Set([first]);
  const points = new Set(pointsOf(first));
  for (let drawn = 0; drawn < DRAWS_EACH * size && chosen.size < size; drawn++) {
    const k = draw();
    if (pointsOf(k).some((point) => points.has(point))) chosen.add(k);
  }
  for (let drawn = 0; drawn < DRAWS_EACH * size && chosen.size < size; drawn++) chosen.add(draw());
  // What is light is hardly ever drawn.
  for (let place = 0; chosen.size < size; place++) chosen.add(withTraffic[place]);
  return Int32Array.from(chosen).sort();
}

/** Which egresses may carry a prefix alone. */
import { isAllowed, type Problem } from './problem.ts';

/** Every pair of the prefix may enter somewhere and leave there. */
export function carriesAll(problem: Problem, k: number, slot: number): boolean {
  for (let pair = problem.pairStart[k]; pair < problem.pairStart[k + 1]; pair++) {
    if (!isCarried(problem, pair, slot)) return false;
  }
  return true;
}

function isCarried(problem: Problem, pair: number, slot: number): boolean {
  const { pairNeighbor, ingressStart, ingressPoint } = problem;
  const h = pairNeighbor[pair];
  for (let at = ingressStart[h]; at < ingressStart[h + 1]; at++) {
    if (isAllowed(problem, pair, ingressPoint[at], slot)) return true;
  }
  return false;
}

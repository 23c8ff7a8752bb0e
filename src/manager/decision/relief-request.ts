/** A question of relief as the optimizer is asked it. */
import { fits } from '../../problem/capacity.ts';
import type { Candidate } from './candidates.ts';
import type { Ledger } from './ledger.ts';
import type { ReallocationPoint, ReallocationRequest } from './reallocator.ts';
import { requestPrefixes } from './request.ts';
import type { DecisionSettings, PointLimits } from './settings.ts';
import type { ReliefGoal } from './state.ts';

/** Against which every other cost of a relief that cannot be complete is small; times what a change costs. */
const STAYING_PRICE = 1000;

export interface ReliefScene {
  /** By volume, descending; only those at a point of `over`, and only what could go elsewhere, are asked for. */
  readonly movable: readonly Candidate[];
  readonly over: ReadonlySet<string>;
  /** As it is; moves are tried on copies. */
  readonly ledger: Ledger;
  readonly changesLeft: number;
}

/** That targets are filled to at most. */
export function markOf(goal: ReliefGoal): 'low' | 'high' {
  return goal === 'low' ? 'low' : 'high';
}

/** Null where nothing is free, or not even moving the largest of it, as many as may be, would do. */
export function reliefRequest(
  { movable, over, ledger, changesLeft }: ReliefScene,
  relieved: ReadonlySet<string>,
  limits: readonly PointLimits[],
  goal: ReliefGoal,
  { candidateCount, confidence, changeCost }: DecisionSettings,
): ReallocationRequest | null {
  const mark = markOf(goal);
  const free = movable
    .filter(({ current }) => relieved.has(current))
    .map((candidate) => ({ candidate, targets: targets(candidate, over, ledger, mark) }))
    .filter(({ targets }) => targets.length > 0)
    .slice(0, candidateCount);
  if (free.length === 0 || changesLeft <= 0) return null;
  const prefixes = requestPrefixes(free, confidence);
  const points: ReallocationPoint[] = [];
  for (const limit of limits) {
    const { id } = limit;
    const load = ledger.load(id);
    if (!over.has(id)) points.push({ id, room: Math.max(0, limit[mark] - load), price: 0 });
    else if (!relieved.has(id)) continue;
    else if (goal === 'least') points.push({ id, room: null, price: STAYING_PRICE * (1 + changeCost) });
    else {
      const staying = prefixes.filter(({ current }) => current === id).map((one) => one.staying);
      const largest = staying.toSorted((a, b) => b - a).slice(0, changesLeft);
      if (!fits(load - sum(largest), limit[mark])) return null;
      points.push({ id, room: Math.max(0, limit[mark] - (load - sum(staying))), price: 0 });
    }
  }
  return { points, prefixes, maxChanges: changesLeft, changeCost };
}

function targets({ reading }: Candidate, over: ReadonlySet<string>, ledger: Ledger, mark: 'low' | 'high'): string[] {
  return reading.learned
    .map(({ point }) => point)
    .filter((point) => !over.has(point) && ledger.hasRoom(reading, point, mark));
}

function sum(volumes: readonly number[]): number {
  return volumes.reduce((total, volume) => total + volume, 0);
}

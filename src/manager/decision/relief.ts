/**
 * What to move off points above their watermark (claims 29 and 30): least volume, at most `maxChanges` prefixes, no target
 * filled beyond a mark.
 *
 * Questions, the next only where the one before has no answer within what is left of `maxChanges`:
 * 1. all points to the low watermark, targets filled to theirs;
 * 2. all points to the high watermark, targets filled to theirs;
 * 3. where they are several: each point by itself, the fullest first, the same two questions;
 * 4. what is still above its mark, as far as it goes, targets filled to their high watermark. Nothing moved is an answer to that.
 *
 * So a point that can be relieved is not emptied because of one that cannot.
 *
 * Where the time of the tick is over before all is asked, the next tick begins with what is left of 3 and 4, in the same order. What a
 * tick begins with has its turn by it, so that each gets on; when nothing is left, the next begins with 1 again.
 */
import { fits } from '../../problem/capacity.ts';
import type { Candidate } from './candidates.ts';
import type { Change } from './decision.ts';
import type { Ledger } from './ledger.ts';
import { acceptedMoves } from './moves.ts';
import type { Reallocation, ReallocationPoint, ReallocationRequest, Reallocator } from './reallocator.ts';
import { requestPrefixes } from './request.ts';
import type { DecisionSettings, PointLimits } from './settings.ts';
import type { ReliefTurn } from './state.ts';

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

export interface Relief {
  readonly changes: readonly Change[];
  /** What the optimizer answered, in order. */
  readonly asked: readonly Reallocation[];
  /** What the time of the tick was too short for. */
  readonly queue: readonly ReliefTurn[];
}

/** `left`: the queue of the relief before. */
export async function relieve(
  { movable, over, ledger, changesLeft }: ReliefScene,
  left: readonly ReliefTurn[],
  limits: readonly PointLimits[],
  settings: DecisionSettings,
  reallocate: Reallocator,
): Promise<Relief> {
  const asked: Reallocation[] = [];
  const changes: Change[] = [];
  let loads = ledger;
  let isOutOfTime = false;

  /** Whether it was answered by moves that are worth it. */
  const ask = async (points: ReadonlySet<string>, question: Question): Promise<boolean> => {
    if (isOutOfTime) return false;
    const moved = new Set(changes.map(({ prefix }) => prefix));
    const free = movable.filter(({ reading }) => !moved.has(reading.prefix));
    const scene = { movable: free, over, ledger: loads, changesLeft: changesLeft - changes.length };
    const request = reliefRequest(scene, points, limits, question, settings);
    if (request === null) return false;
    const answer = await reallocate(request);
    asked.push(answer);
    isOutOfTime = answer.isOutOfTime === true;
    if (answer.fits !== true) return false;
    const tried = loads.copy();
    const rules = { mark: question.mark, reason: 'relieve', changesLeft: scene.changesLeft, closed: over } as const;
    const accepted = acceptedMoves(answer.moves, free, tried, rules);
    const [before, after] = [loads.excess(points), tried.excess(points)];
    if (!(after < before && before - after >= settings.minimumGain * before)) return false;
    changes.push(...accepted);
    loads = tried;
    return true;
  };
  const askComplete = async (points: ReadonlySet<string>): Promise<boolean> =>
    (await ask(points, { mark: 'low', isComplete: true })) || ask(points, { mark: 'high', isComplete: true });

  const queue = left.filter(({ point }) => over.has(point));
  const isResumed = queue.length > 0;
  if (!isResumed) {
    if (await askComplete(over)) return { changes, asked, queue };
    // One point alone was asked about by itself.
    const isComplete = over.size > 1 || isOutOfTime;
    queue.push(...fullestFirst(over, ledger, limits).map((point) => ({ point, isComplete })));
  }
  for (let turn = 0; queue.length > 0; turn++) {
    const { point, isComplete } = queue[0];
    const points = new Set([point]);
    const isRelieved = await (isComplete ? askComplete(points) : ask(points, { mark: 'high', isComplete }));
    if (isOutOfTime && !(isResumed && turn === 0)) break;
    queue.shift();
    if (isComplete && !isRelieved) queue.push({ point, isComplete: false });
  }
  return { changes, asked, queue };
}

interface Question {
  /** That targets may be filled to, and points are to come to. */
  readonly mark: 'low' | 'high';
  readonly isComplete: boolean;
}

function fullestFirst(over: ReadonlySet<string>, ledger: Ledger, limits: readonly PointLimits[]): string[] {
  const utilization = ({ id, capacity }: PointLimits): number => ledger.load(id) / capacity;
  return limits
    .filter(({ id }) => over.has(id))
    .sort((a, b) => utilization(b) - utilization(a) || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id);
}

/** Null where nothing is free, or not even moving the largest of it, as many as may be, would do. */
function reliefRequest(
  { movable, over, ledger, changesLeft }: ReliefScene,
  relieved: ReadonlySet<string>,
  limits: readonly PointLimits[],
  { mark, isComplete }: Question,
  { candidateCount, confidence, changeCost }: DecisionSettings,
): ReallocationRequest | null {
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
    else if (!isComplete) points.push({ id, room: null, price: STAYING_PRICE * (1 + changeCost) });
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

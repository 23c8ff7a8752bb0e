/** The whole plan (FIG. 6): every prefix that may be moved, all points filled to their low watermark at most. */
import type { Candidate } from './candidates.ts';
import type { Ledger } from './ledger.ts';
import { totalVolume, volumeAt } from './observation.ts';
import type { Reallocation, Reallocator, RoomPrices } from './reallocator.ts';
import { requestPrefixes } from './request.ts';
import type { DecisionSettings, PointLimits } from './settings.ts';

export interface PlanScene {
  readonly movable: readonly Candidate[];
  readonly ledger: Ledger;
  /** Points above their marks: nothing is moved to them. */
  readonly over: ReadonlySet<string>;
  readonly changesLeft: number;
  /** Of the plan before. */
  readonly prices: RoomPrices;
}

export interface Proposal {
  readonly moves: Reallocation['moves'];
  readonly asked: readonly Reallocation[];
  /** False where the optimizer had no answer: it is to be asked again. */
  readonly isAnswered: boolean;
  /** For the next plan to begin with. */
  readonly prices: RoomPrices;
}

export async function proposeOptimum(
  { movable, ledger, over, changesLeft, prices }: PlanScene,
  limits: readonly PointLimits[],
  settings: DecisionSettings,
  reallocate: Reallocator,
): Promise<Proposal> {
  if (movable.length === 0) return { moves: [], asked: [], isAnswered: true, prices };
  const free = movable.map((candidate) => ({
    candidate,
    targets: candidate.reading.learned
      .map(({ point }) => point)
      .filter((point) => point !== candidate.current && !over.has(point)),
  }));
  const answer: Reallocation = await reallocate({
    points: limits.map(({ id, low, price }) => {
      const movableVolume = movable
        .filter(({ current }) => current === id)
        .reduce((sum, { reading }) => sum + volumeAt(reading, id), 0);
      // What is between the watermarks stays if it likes.
      return { id, room: Math.max(low, ledger.load(id)) - (ledger.load(id) - movableVolume), price };
    }),
    prefixes: requestPrefixes(free, settings.confidence),
    maxChanges: changesLeft,
    changeCost: settings.changeCost,
    startPrices: prices,
  });
  const isWorthIt = answer.fits === true && relativeGain(movable, limits, answer.moves) >= settings.minimumGain;
  return {
    moves: isWorthIt ? answer.moves : [],
    asked: [answer],
    isAnswered: answer.fits !== null,
    prices: answer.fits === true ? (answer.prices ?? {}) : prices,
  };
}

/** Of Σ volume · price over what may be moved. */
export function relativeGain(
  movable: readonly Candidate[],
  limits: readonly PointLimits[],
  moves: Reallocation['moves'],
): number {
  const price = new Map(limits.map((limit) => [limit.id, limit.price]));
  const targets = new Map(moves.map(({ prefix, to }) => [prefix, to]));
  let [before, after] = [0, 0];
  for (const { reading, current } of movable) {
    const volume = totalVolume(reading);
    before += volume * (price.get(current) ?? 0);
    after += volume * (price.get(targets.get(reading.prefix) ?? current) ?? 0);
  }
  return before > 0 ? (before - after) / before : 0;
}

/** The whole plan (FIG. 6): every prefix that may be moved, all points filled to their low watermark at most. */
import type { Candidate } from './candidates.ts';
import type { Ledger } from './ledger.ts';
import { totalVolume, volumeAtMost } from './observation.ts';
import type { Reallocation, Reallocator } from './reallocator.ts';
import type { Proposal } from './relief.ts';
import type { DecisionSettings, PointLimits } from './settings.ts';

export async function proposeOptimum(
  movable: readonly Candidate[],
  ledger: Ledger,
  limits: readonly PointLimits[],
  settings: DecisionSettings,
  changesLeft: number,
  reallocate: Reallocator,
): Promise<Proposal> {
  const nothing: Proposal = { moves: [], mark: 'low', asked: [] };
  if (movable.length === 0) return nothing;
  const answer: Reallocation = await reallocate({
    points: limits.map(({ id, low, price }) => {
      const movableVolume = movable
        .filter(({ current }) => current === id)
        .reduce((sum, { reading }) => sum + totalVolume(reading), 0);
      // What is between the watermarks stays if it likes.
      return { id, room: Math.max(low, ledger.load(id)) - (ledger.load(id) - movableVolume), price };
    }),
    prefixes: movable
      .map(({ reading, current }) => ({
        prefix: reading.prefix,
        volume: volumeAtMost(reading, settings.confidence),
        current,
        options: [...new Set([...reading.learned.map(({ point }) => point), current])].sort(),
      }))
      .sort((a, b) => (a.prefix < b.prefix ? -1 : 1)),
    maxChanges: changesLeft,
    changeCost: settings.changeCost,
  });
  if (!answer.fits) return { ...nothing, asked: [answer] };
  const isWorthIt = relativeGain(movable, limits, answer.moves) >= settings.minimumGain;
  return { ...nothing, moves: isWorthIt ? answer.moves : [], asked: [answer] };
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

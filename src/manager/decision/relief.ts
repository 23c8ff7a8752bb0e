/**
 * What to move off points above their watermark (claims 29 and 30): least volume, at most `maxChanges` prefixes, no target
 * filled beyond a mark.
 *
 * Three questions, the next only where the one before has no answer within `maxChanges`:
 * 1. all to the low watermark, targets filled to theirs;
 * 2. all to the high watermark, targets filled to theirs;
 * 3. as far as it goes, targets filled to their high watermark. Nothing moved is an answer to that.
 */
import type { Candidate } from './candidates.ts';
import type { Ledger } from './ledger.ts';
import { totalVolume, volumeAtMost } from './observation.ts';
import type { Reallocation, ReallocationPoint, ReallocationRequest, Reallocator } from './reallocator.ts';
import type { DecisionSettings, PointLimits } from './settings.ts';

/** Against which every other cost of a relief that cannot be complete is small. */
const STAYING_PRICE = 1000;

export interface Proposal {
  readonly moves: Reallocation['moves'];
  /** Mark that targets may be filled to. */
  readonly mark: 'low' | 'high';
  readonly asked: readonly Reallocation[];
}

/** `movable`: by volume, descending; only those at a point of `over`, and only what could go elsewhere, are asked for. */
export async function proposeRelief(
  movable: readonly Candidate[],
  over: ReadonlySet<string>,
  ledger: Ledger,
  limits: readonly PointLimits[],
  settings: DecisionSettings,
  changesLeft: number,
  reallocate: Reallocator,
): Promise<Proposal> {
  const asked: Reallocation[] = [];
  for (const question of QUESTIONS) {
    const free = movable
      .filter(({ current }) => over.has(current))
      .map((candidate) => ({ candidate, options: targets(candidate, over, ledger, question.mark) }))
      .filter(({ options }) => options.length > 0)
      .slice(0, settings.candidateCount);
    if (free.length === 0) continue;
    const points = reliefPoints(free, over, ledger, limits, question);
    if (points === null) continue;
    const request: ReallocationRequest = {
      points,
      prefixes: free
        .map(({ candidate, options }) => ({
          prefix: candidate.reading.prefix,
          volume: volumeAtMost(candidate.reading, settings.confidence),
          current: candidate.current,
          options: [...options, candidate.current].sort(),
        }))
        .sort((a, b) => (a.prefix < b.prefix ? -1 : 1)),
      maxChanges: changesLeft,
      changeCost: settings.changeCost,
    };
    const answer = await reallocate(request);
    asked.push(answer);
    if (answer.fits) return { moves: answer.moves, mark: question.mark, asked };
  }
  return { moves: [], mark: 'high', asked };
}

interface Question {
  readonly mark: 'low' | 'high';
  readonly isComplete: boolean;
}

const QUESTIONS: readonly Question[] = [
  { mark: 'low', isComplete: true },
  { mark: 'high', isComplete: true },
  { mark: 'high', isComplete: false },
];

function targets({ reading }: Candidate, over: ReadonlySet<string>, ledger: Ledger, mark: 'low' | 'high'): string[] {
  return reading.learned
    .map(({ point }) => point)
    .filter((point) => !over.has(point) && ledger.hasRoom(reading, point, mark));
}

/** Null where not even moving all that is free would do. */
function reliefPoints(
  free: readonly { readonly candidate: Candidate }[],
  over: ReadonlySet<string>,
  ledger: Ledger,
  limits: readonly PointLimits[],
  { mark, isComplete }: Question,
): ReallocationPoint[] | null {
  const points: ReallocationPoint[] = [];
  for (const limit of limits) {
    const { id } = limit;
    if (!over.has(id)) {
      points.push({ id, room: Math.max(0, limit[mark] - ledger.load(id)), price: 0 });
      continue;
    }
    if (!isComplete) {
      points.push({ id, room: null, price: STAYING_PRICE });
      continue;
    }
    const leaving = free
      .filter(({ candidate }) => candidate.current === id)
      .reduce((sum, { candidate }) => sum + totalVolume(candidate.reading), 0);
    const room = limit[mark] - (ledger.load(id) - leaving);
    if (room < 0) return null;
    points.push({ id, room, price: 0 });
  }
  return points;
}

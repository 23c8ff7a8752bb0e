/**
 * The plan of a traffic class: where each prefix leaves, for the largest volume that it has in any interval of the class, all points
 * filled to their low watermark at most. Solved from plain BGP, so that it does not depend on what was moved before.
 */
import type { Candidate } from '../candidates.ts';
import type { Reallocation, Reallocator } from '../reallocator.ts';
import type { DecisionSettings, PointLimits } from '../settings.ts';
import { homeOf } from '../state.ts';
import type { ClassPlan, TrafficProfile } from './traffic-memory.ts';

/**
 * The plan is null where the optimizer had no answer. `measured`: prefixes as they are now, with what is learned of them; of the
 * others of the class nothing is planned: they are expected where plain BGP sent them, `homes`.
 */
export async function solveClassPlan(
  peak: TrafficProfile,
  homes: Readonly<Record<string, string>>,
  atMs: number,
  measured: readonly Candidate[],
  limits: readonly PointLimits[],
  { changeCost, maxOverrides }: DecisionSettings,
  reallocate: Reallocator,
): Promise<{ readonly plan: ClassPlan | null; readonly answer: Reallocation }> {
  const planned = measured.filter(({ reading }) => (peak.volumes[reading.prefix] ?? 0) > 0);
  const rest = new Map(Object.entries(peak.rest));
  const names = new Set(planned.map(({ reading }) => reading.prefix));
  for (const [prefix, volume] of Object.entries(peak.volumes)) {
    const home = homes[prefix];
    if (!names.has(prefix) && home !== undefined) rest.set(home, (rest.get(home) ?? 0) + volume);
  }
  const answer = await reallocate({
    points: limits.map(({ id, low, price }) => ({ id, room: Math.max(0, low - (rest.get(id) ?? 0)), price })),
    prefixes: planned
      .map((candidate) => ({
        prefix: candidate.reading.prefix,
        volume: peak.volumes[candidate.reading.prefix],
        staying: peak.volumes[candidate.reading.prefix],
        current: homeOfCandidate(candidate),
        options: [
          ...new Set([...candidate.reading.learned.map(({ point }) => point), homeOfCandidate(candidate)]),
        ].sort(),
      }))
      .sort((a, b) => (a.prefix < b.prefix ? -1 : 1)),
    maxChanges: maxOverrides,
    changeCost,
  });
  if (answer.fits === null) return { plan: null, answer };
  const targets = Object.fromEntries(answer.fits ? answer.moves.map(({ prefix, to }) => [prefix, to]) : []);
  return { plan: { atMs, peak, fits: answer.fits, targets }, answer };
}

/** From where prefixes leave now to where the plan has them; what an earlier plan moved, and this one does not, goes back. */
export function movesToward({ targets }: ClassPlan, movable: readonly Candidate[]): Reallocation['moves'] {
  return movable.flatMap((candidate) => {
    const { reading, current, override } = candidate;
    const isOurs = override === null || override.reason === 'optimize';
    const to = targets[reading.prefix] ?? (isOurs ? homeOfCandidate(candidate) : current);
    return to === current ? [] : [{ prefix: reading.prefix, to }];
  });
}

/** Where plain BGP sends it, as far as is known. */
export function homeOfCandidate({ current, override }: Candidate): string {
  return override === null ? current : homeOf(override);
}

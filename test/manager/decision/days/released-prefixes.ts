/** What became of released prefixes, by the referee's own rules. */
import type { Change } from '../../../../src/manager/decision/decision.ts';
import type { Observation, PrefixReading } from '../../../../src/manager/decision/observation.ts';
import type { DecisionSettings } from '../../../../src/manager/decision/settings.ts';
import type { ManagerState } from '../../../../src/manager/decision/state.ts';

/** The override that was, and how often the prefix was seen to leave by it since. */
interface Released {
  readonly from: string;
  readonly to: string;
  readonly atMs: number;
  readonly lateTicks: number;
}

export class ReleasedPrefixes {
  readonly #settings: DecisionSettings;
  readonly #released = new Map<string, Released>();

  constructor(settings: DecisionSettings) {
    this.#settings = settings;
  }

  /** Those that leave where they did before, in so many intervals of after their release; each is told once. */
  stuck({ points, prefixes }: Observation, quarantine: ReadonlyMap<string, unknown>, lastTickMs: number): string[] {
    const { flowLagMs, verifyTicks } = this.#settings;
    const told: string[] = [];
    for (const [prefix, { from, to, atMs, lateTicks }] of this.#released) {
      if (quarantine.has(from) || quarantine.has(to)) continue;
      const { volumes } = prefixes.find((one) => one.prefix === prefix)!;
      const { flowsSinceMs = null, flowsAtMs = null } = points.find(({ point }) => point === from) ?? {};
      const sum = (of: (one: PrefixReading['volumes'][number]) => number): number =>
        volumes.reduce((total, one) => total + of(one), 0);
      const stayed = sum(({ point, latest }) => (point === from ? latest : 0));
      const all = sum(({ latest }) => latest);
      const isSmall = sum(({ volume }) => volume) <= 0.01;
      const isNew = flowsAtMs !== null && flowsAtMs > lastTickMs;
      const isAfter = flowsSinceMs !== null && flowsSinceMs >= atMs + flowLagMs;
      if (isSmall ? flowsSinceMs !== null : all > 0 && stayed <= 0.5 * all) this.#released.delete(prefix);
      if (isSmall || stayed === 0 || stayed <= 0.5 * all || !isNew || !isAfter) continue;
      this.#released.set(prefix, { from, to, atMs, lateTicks: lateTicks + 1 });
      if (lateTicks + 1 < verifyTicks) continue;
      this.#released.delete(prefix);
      told.push(prefix);
    }
    return told;
  }

  note(changes: readonly Change[], { overrides }: ManagerState, atMs: number): void {
    for (const { prefix, action, to } of changes) {
      if (action === 'withdraw') continue;
      this.#released.delete(prefix);
      const override = overrides.find((one) => one.prefix === prefix);
      // Plain BGP may send it where the override did.
      const isToBeSeen = action === 'release' && override!.to !== to;
      if (isToBeSeen) this.#released.set(prefix, { from: override!.to, to, atMs, lateTicks: 0 });
    }
  }
}

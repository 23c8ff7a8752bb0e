/** Overrides, and whether traffic was seen to follow them. */
import type { Observation, PrefixReading } from '../../../../src/manager/decision/observation.ts';
import type { DecisionSettings } from '../../../../src/manager/decision/settings.ts';
import type { Override } from '../../../../src/manager/decision/state.ts';

interface Following {
  readonly isVerified: boolean;
  readonly lateTicks: number;
}

export interface Circumstances {
  /** By point: its telemetry is not believed. */
  readonly quarantine: ReadonlyMap<string, unknown>;
  /** When what counters have to show was changed, where they show it. */
  readonly countedAtMs: number | null;
  readonly lastTickMs: number;
}

export class FollowedOverrides {
  readonly #settings: DecisionSettings;
  readonly #following = new Map<string, Following>();
  /** By prefix, in a row. */
  readonly #failures = new Map<string, number>();

  constructor(settings: DecisionSettings) {
    this.#settings = settings;
  }

  isVerified(prefix: string): boolean {
    return this.#following.get(prefix)?.isVerified === true;
  }

  failureCount(prefix: string): number {
    return this.#failures.get(prefix) ?? 0;
  }

  fail(prefix: string): void {
    this.#failures.set(prefix, this.failureCount(prefix) + 1);
  }

  /** It is changed, and to be followed anew. */
  forget(prefix: string): void {
    this.#following.delete(prefix);
  }

  keep(prefixes: ReadonlySet<string>): void {
    for (const prefix of [...this.#following.keys()]) if (!prefixes.has(prefix)) this.#following.delete(prefix);
  }

  /** Those that were not followed for too long. */
  late(
    overrides: readonly Override[],
    observation: Observation,
    { quarantine, countedAtMs, lastTickMs }: Circumstances,
  ): Override[] {
    return overrides.filter((override) => {
      const { prefix, to, sinceMs } = override;
      const where = this.#whereabouts(override, observation, quarantine, lastTickMs);
      if (quarantine.has(to)) return false;
      const { lateTicks } = this.#following.get(prefix) ?? { lateTicks: 0 };
      if (where === 'unknown' || where === 'nowhere') {
        const isCounted = sinceMs === countedAtMs && lateTicks === 0;
        if (isCounted || where === 'nowhere') this.#following.set(prefix, { isVerified: true, lateTicks });
        return false;
      }
      if (where === 'there') {
        this.#failures.delete(prefix);
        this.#following.set(prefix, { isVerified: true, lateTicks: 0 });
        return false;
      }
      this.#following.set(prefix, { isVerified: false, lateTicks: lateTicks + 1 });
      return lateTicks + 1 >= this.#settings.verifyTicks;
    });
  }

  /** Flow records prove that it has not followed only where all of them were sent after it had time to. */
  #whereabouts(
    { prefix, to, sinceMs }: Override,
    { points, prefixes }: Observation,
    quarantine: ReadonlyMap<string, unknown>,
    lastTickMs: number,
  ): 'there' | 'elsewhere' | 'nowhere' | 'unknown' {
    const { installed, volumes } = prefixes.find((one) => one.prefix === prefix)!;
    if (installed !== to) return 'elsewhere';
    const sum = (of: (one: PrefixReading['volumes'][number]) => number): number =>
      volumes.reduce((total, one) => total + of(one), 0);
    if (sum(({ volume }) => volume) <= 0.01) return 'there';
    const there = sum(({ point, latest }) => (point === to ? latest : 0));
    const all = sum(({ latest }) => latest);
    if (all > 0 && there >= 0.5 * all) return 'there';
    const isKnown = (point: string): boolean => {
      const { flowsSinceMs = null, flowsAtMs = null } = points.find((one) => one.point === point) ?? {};
      const isNew = flowsAtMs !== null && flowsAtMs > lastTickMs;
      const isAfter = flowsSinceMs !== null && flowsSinceMs >= sinceMs + this.#settings.flowLagMs;
      return isNew && isAfter && !quarantine.has(point);
    };
    if (all === 0 && isKnown(to) && volumes.every(({ point }) => isKnown(point))) return 'nowhere';
    const isElsewhere = volumes.some(({ point, latest }) => point !== to && latest > 0 && isKnown(point));
    return isElsewhere ? 'elsewhere' : 'unknown';
  }
}

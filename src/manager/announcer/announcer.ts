/** Puts overrides into BGP, or takes them out. */
import type { LearnedRoute, Observation } from '../decision/observation.ts';
import type { Override } from '../decision/state.ts';

/** A path of our own: a full copy of the learned route at the chosen point. */
export interface AnnouncedPath extends LearnedRoute {
  readonly prefix: string;
  /** Milliseconds since 1970; it is withdrawn then, unless it is announced again with a later one. */
  readonly leaseUntilMs: number;
}

export interface Order {
  /** Now, on the clock of the leases. */
  readonly atMs: number;
  /** Whether anything may be put in that is not there: what telemetry says that is not believed is no reason to. */
  readonly isAdding: boolean;
}

export interface Announcer extends AsyncDisposable {
  /** Calls that failed; each is made up for. */
  readonly failureCount: number;
  /** Makes what is announced equal to this list, sorted by prefix. */
  apply(desired: readonly AnnouncedPath[], order: Order): Promise<void>;
  /** Withdraws all but these prefixes; adds nothing, and renews nothing. */
  keep(prefixes: ReadonlySet<string>): Promise<void>;
  /** Whatever has been announced, by this process or by one before; `known`: prefixes of which the latter is known. */
  withdrawAll(known?: readonly string[]): Promise<void>;
}

/** Announces nothing. */
export const DRY_RUN: Announcer = {
  failureCount: 0,
  apply: async () => {},
  keep: async () => {},
  withdrawAll: async () => {},
  [Symbol.asyncDispose]: async () => {},
};

export function desiredPaths(overrides: readonly Override[], { prefixes }: Observation): AnnouncedPath[] {
  const readings = new Map(prefixes.map((reading) => [reading.prefix, reading]));
  return overrides.flatMap(({ prefix, to, leaseUntilMs }) => {
    const route = readings.get(prefix)?.learned.find(({ point }) => point === to);
    return route === undefined ? [] : [{ ...route, prefix, leaseUntilMs }];
  });
}

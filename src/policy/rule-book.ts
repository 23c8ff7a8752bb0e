/**
 * Collects what single prefixes need on single sessions, and gives the fewest rules that do it: one rule for all
 * prefixes of a session, direction and address family that need the same.
 */
import type { BgpNetwork } from './bgp/network.ts';
import type { Direction, PolicyRule, RouteChange, RouterPolicy, SessionPolicy } from './document.ts';
import type { PolicyNames } from './policy-names.ts';

/** Changes that are kept in the text of a treatment, in the order in which rules are written. */
interface Treatment {
  readonly action: 'accept' | 'reject';
  readonly set: RouteChange;
  readonly prefixes: number[];
}

export class RuleBook {
  readonly #network: BgpNetwork;
  readonly #names: PolicyNames;
  readonly #isV6: Uint8Array;
  readonly #treatments: Readonly<Record<Direction, Map<number, Map<string, Treatment>>>> = {
    import: new Map(),
    export: new Map(),
  };

  readonly #made: Readonly<Record<Direction, Map<number, readonly PolicyRule[]>>> = {
    import: new Map(),
    export: new Map(),
  };

  constructor(network: BgpNetwork, names: PolicyNames) {
    this.#network = network;
    this.#names = names;
    this.#isV6 = Uint8Array.from(network.model.prefixes.prefixes, (prefix) => (prefix.includes(':') ? 1 : 0));
  }

  /** Prefixes of a session come in ascending order. `treatment` tells equal changes by equal text. */
  add(
    direction: Direction,
    session: number,
    k: number,
    action: 'accept' | 'reject',
    set: RouteChange,
    treatment = JSON.stringify(set),
  ): void {
    this.#made[direction].delete(session);
    let ofSession = this.#treatments[direction].get(session);
    if (ofSession === undefined) {
      ofSession = new Map();
      this.#treatments[direction].set(session, ofSession);
    }
    const key = `${this.#isV6[k] === 1 ? 6 : 4} ${action} ${treatment}`;
    const present = ofSession.get(key);
    if (present === undefined) ofSession.set(key, { action, set, prefixes: [k] });
    else present.prefixes.push(k);
  }

  /** The rules, before those of `kept` on the same sessions; sessions and rules in a fixed order. */
  policies(kept: readonly RouterPolicy[]): RouterPolicy[] {
    const { model, sessions } = this.#network;
    const keptOf = new Map(
      kept.flatMap(({ router, sessions }) => sessions.map((one) => [`${router} ${one.session}`, one] as const)),
    );
    return model.routers.flatMap(({ id }, router) => {
      const policies = sessions.flatMap((session, s): SessionPolicy[] => {
        if (session.router !== router) return [];
        const name = this.#names.sessions[s];
        const old = keptOf.get(`${id} ${name}`);
        const policy = {
          session: name,
          import: [...this.#rules('import', s), ...(old?.import ?? [])],
          export: [...this.#rules('export', s), ...(old?.export ?? [])],
        };
        return policy.import.length + policy.export.length === 0 ? [] : [policy];
      });
      if (policies.length === 0) return [];
      policies.sort((a, b) => (a.session < b.session ? -1 : 1));
      return [{ router: id, sessions: policies }];
    });
  }

  /** Made once, until more is added: equal calls give the same rules. */
  #rules(direction: Direction, session: number): readonly PolicyRule[] {
    const known = this.#made[direction].get(session);
    if (known !== undefined) return known;
    const { prefixes } = this.#network.model.prefixes;
    const rules = [...(this.#treatments[direction].get(session) ?? new Map<string, Treatment>())]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { action, set, prefixes: members }]) => ({
        prefixes: members.map((k) => prefixes[k]),
        action,
        set,
        isOwn: true,
      }));
    this.#made[direction].set(session, rules);
    return rules;
  }
}

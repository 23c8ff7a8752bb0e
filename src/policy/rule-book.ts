/**
 * Collects what single prefixes need on single sessions, and gives the fewest rules that do it: one rule for all
 * prefixes of a session, direction and address family that need the same, whichever plan they are of.
 */
import type { BgpNetwork } from './bgp/network.ts';
import {
  type Direction,
  familyOfPrefix,
  type PolicyRule,
  type RouteChange,
  type RouterPolicy,
  type SessionPolicy,
  treatmentOf,
  treatmentText,
} from './document.ts';
import type { PolicyNames } from './policy-names.ts';

/** What one rule does, and for which prefixes. */
interface Treatment {
  readonly action: 'accept' | 'reject';
  readonly set: RouteChange;
  readonly prefixes: number[];
}

/** Of one session and direction. */
interface Page {
  readonly byText: Map<string, Treatment>;
  /** Most entries are of a few changes, each one object; by address family. */
  readonly bySet: readonly Map<RouteChange, Treatment>[];
  /** Rules of the treatments; null where there are more since. */
  rules: readonly PolicyRule[] | null;
}

export class RuleBook {
  readonly #network: BgpNetwork;
  readonly #names: PolicyNames;
  readonly #isV6: Uint8Array;
  /** By session. */
  readonly #pages: Readonly<Record<Direction, readonly Page[]>>;

  constructor(network: BgpNetwork, names: PolicyNames) {
    const pages = () =>
      network.sessions.map((): Page => ({ byText: new Map(), bySet: [new Map(), new Map()], rules: [] }));
    this.#network = network;
    this.#names = names;
    this.#isV6 = Uint8Array.from(network.model.prefixes.prefixes, (prefix) => (familyOfPrefix(prefix) === 6 ? 1 : 0));
    this.#pages = { import: pages(), export: pages() };
  }

  /** Prefixes of a session come in ascending order. `treatment` tells equal changes by equal text. */
  add(
    direction: Direction,
    session: number,
    k: number,
    action: 'accept' | 'reject',
    set: RouteChange,
    treatment = '',
  ): void {
    const page = this.#pages[direction][session];
    const bySet = page.bySet[this.#isV6[k]];
    page.rules = null;
    let present = bySet.get(set);
    if (present === undefined || present.action !== action) {
      const text = treatment === '' ? JSON.stringify(set) : treatment;
      const key = treatmentText(this.#isV6[k] === 1 ? 6 : 4, action, text);
      present = page.byText.get(key) ?? { action, set, prefixes: [] };
      page.byText.set(key, present);
      bySet.set(set, present);
    }
    present.prefixes.push(k);
  }

  /** The rules, united with those of `kept` on the same sessions; sessions and rules in a fixed order. */
  policies(kept: readonly RouterPolicy[]): RouterPolicy[] {
    const { model, sessions } = this.#network;
    const keptOf = Map.groupBy(
      kept.flatMap(({ router, sessions }) => sessions.map((policy) => ({ router, policy }))),
      ({ router, policy }) => `${router} ${policy.session}`,
    );
    return model.routers.flatMap(({ id }, router) => {
      const policies = sessions.flatMap((session, s): SessionPolicy[] => {
        if (session.router !== router) return [];
        const name = this.#names.sessions[s];
        const old = keptOf.get(`${id} ${name}`) ?? [];
        const rules = (direction: Direction): PolicyRule[] =>
          unitedRules([...this.#rules(direction, s), ...old.flatMap(({ policy }) => policy[direction])], this.#names);
        const policy = { session: name, import: rules('import'), export: rules('export') };
        return policy.import.length + policy.export.length === 0 ? [] : [policy];
      });
      if (policies.length === 0) return [];
      policies.sort((a, b) => (a.session < b.session ? -1 : 1));
      return [{ router: id, sessions: policies }];
    });
  }

  /** Made once, until more is added: equal calls give the same rules. */
  #rules(direction: Direction, session: number): readonly PolicyRule[] {
    const page = this.#pages[direction][session];
    if (page.rules !== null) return page.rules;
    const { prefixes } = this.#network.model.prefixes;
    page.rules = [...page.byText.values()].map(({ action, set, prefixes: members }) => {
      const rule = { prefixes: members.map((k) => prefixes[k]), action, set, isOwn: true };
      this.#names.know(rule.prefixes, new Int32Array(members));
      return rule;
    });
    return page.rules;
  }
}

/**
 * Rules of one session and direction: first those of plans, one for each treatment, in a fixed order; then the others as
 * they stand. Lists of routers are named after the treatment, so there can be one of each.
 */
export function unitedRules(rules: readonly PolicyRule[], names: PolicyNames): PolicyRule[] {
  const own = Map.groupBy(
    rules.filter(({ isOwn }) => isOwn),
    treatmentOf,
  );
  const united = [...own]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, alike]) => (alike.length === 1 ? alike[0] : { ...alike[0], prefixes: allPrefixes(alike, names) }));
  return [...united, ...rules.filter(({ isOwn }) => !isOwn)];
}

/** In the order of the model, those that it does not have behind them. */
function allPrefixes(rules: readonly PolicyRule[], { prefixIndex }: PolicyNames): string[] {
  const place = (prefix: string): number => prefixIndex.get(prefix) ?? prefixIndex.size;
  return rules.flatMap(({ prefixes }) => prefixes).sort((a, b) => place(a) - place(b));
}

/** A policy made ready to be applied to many routes: for each session and direction, the rule of every prefix. */
import { EgressoError } from '../errors.ts';
import { ORIGINS } from '../model/network-model.ts';
import type { BgpNetwork } from './bgp/network.ts';
import type { RouteTable } from './bgp/routes.ts';
import type { Direction, PolicyRule, RouterPolicy } from './document.ts';
import type { PolicyNames } from './policy-names.ts';

interface SessionRules {
  readonly rules: readonly PolicyRule[];
  /** Int32 [prefixes]: the first rule with the prefix, or -1. */
  readonly ruleOf: Int32Array;
}

export class AppliedPolicy {
  readonly #rules: Readonly<Record<Direction, readonly (SessionRules | null)[]>>;

  /** Prefixes that the model does not have are passed over: no route of the model can meet them. */
  constructor(network: BgpNetwork, names: PolicyNames, policies: readonly RouterPolicy[]) {
    const { prefixes } = network.model;
    const indexOf = names.prefixIndex;
    const compiled = {
      import: new Array<SessionRules | null>(network.sessions.length).fill(null),
      export: new Array<SessionRules | null>(network.sessions.length).fill(null),
    };
    for (const { router, sessions } of policies) {
      for (const one of sessions) {
        const session = names.find(router, one.session);
        if (session < 0) {
          throw new EgressoError('POLICY_INVALID', `router "${router}" has no session "${one.session}"`);
        }
        for (const direction of ['import', 'export'] as const) {
          const rules = one[direction];
          if (rules.length > 0) {
            compiled[direction][session] = { rules, ruleOf: firstRules(rules, prefixes.count, indexOf) };
          }
        }
      }
    }
    this.#rules = compiled;
  }

  hasRules(direction: Direction, session: number): boolean {
    return this.#rules[direction][session] !== null;
  }

  /** The rule that decides for prefix k on a session, or null. */
  ruleFor(direction: Direction, session: number, k: number): PolicyRule | null {
    const compiled = this.#rules[direction][session];
    if (compiled === null) return null;
    const rule = compiled.ruleOf[k];
    return rule < 0 ? null : compiled.rules[rule];
  }

  /** Index of that rule among the rules of the session and direction, or -1. */
  ruleIndex(direction: Direction, session: number, k: number): number {
    return this.#rules[direction][session]?.ruleOf[k] ?? -1;
  }

  /** The routes as import policy leaves them. Columns that no rule can change are shared with `received`. */
  applyImport(received: RouteTable): RouteTable {
    const routes = {
      ...received,
      isAccepted: received.isAccepted.slice(),
      localPref: received.localPref.slice(),
      asPathLength: received.asPathLength.slice(),
      prependAsn: received.prependAsn.slice(),
      prependCount: received.prependCount.slice(),
      neighborAs: received.neighborAs.slice(),
      withheld: received.withheld.slice(),
      origin: received.origin.slice(),
      med: received.med.slice(),
    };
    for (let r = 0; r < routes.count; r++) {
      const rule = this.ruleFor('import', routes.session[r], routes.prefix[r]);
      if (rule === null) continue;
      if (rule.action === 'reject') routes.isAccepted[r] = 0;
      const { localPref, med, origin, prepend } = rule.set;
      if (localPref !== undefined) routes.localPref[r] = localPref;
      if (med !== undefined) routes.med[r] = med;
      if (origin !== undefined) routes.origin[r] = ORIGINS.indexOf(origin);
      if (prepend !== undefined) routes.asPathLength[r] += prepend.count;
    }
    return routes;
  }
}

function firstRules(
  rules: readonly PolicyRule[],
  prefixCount: number,
  indexOf: ReadonlyMap<string, number>,
): Int32Array {
  const ruleOf = new Int32Array(prefixCount).fill(-1);
  for (let rule = rules.length - 1; rule >= 0; rule--) {
    for (const prefix of rules[rule].prefixes) {
      const k = indexOf.get(prefix);
      if (k !== undefined) ruleOf[k] = rule;
    }
  }
  return ruleOf;
}

/** A policy made ready to be applied to many routes: for each session and direction, the rule of every prefix. */
import { EgressoError } from '../errors.ts';
import { ORIGINS } from '../model/network-model.ts';
import { ADVERTISEMENT, LOOP, NOTHING, withheldBy } from './bgp/communities.ts';
import type { BgpNetwork } from './bgp/network.ts';
import type { RouteTable } from './bgp/routes.ts';
import type { Direction, PolicyRule, RouterPolicy } from './document.ts';
import type { PolicyNames } from './policy-names.ts';
import type { PolicyRules } from './policy-rules.ts';

interface SessionRules {
  readonly rules: readonly PolicyRule[];
  /** Int32 [prefixes]: the first rule with the prefix, or -1. */
  readonly ruleOf: Int32Array;
}

export class AppliedPolicy implements PolicyRules {
  readonly #ownAsn: number | null;
  readonly #rules: Readonly<Record<Direction, readonly (SessionRules | null)[]>>;

  /** Prefixes that the model does not have are passed over: no route of the model can meet them. */
  constructor(network: BgpNetwork, names: PolicyNames, policies: readonly RouterPolicy[]) {
    const { prefixes } = network.model;
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
            compiled[direction][session] = { rules, ruleOf: firstRules(rules, prefixes.count, names) };
          }
        }
      }
    }
    this.#ownAsn = network.model.asn;
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
    if (this.#rules.import.every((rules) => rules === null)) return received;
    const routes = changeable(received);
    for (let r = 0; r < routes.count; r++) {
      // What no rule is for stays as it was copied.
      if (this.ruleIndex('import', routes.session[r], routes.prefix[r]) < 0) continue;
      importRoute(routes, received, r, this, this.#ownAsn);
    }
    return routes;
  }
}

/** A copy whose columns that import policy changes may be written. */
export function changeable(received: RouteTable): RouteTable {
  return {
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
}

/** Writes to `routes` what import policy makes of a route. */
export function importRoute(
  routes: RouteTable,
  received: RouteTable,
  r: number,
  policy: PolicyRules,
  ownAsn: number | null,
): void {
  const rule = policy.ruleFor('import', routes.session[r], routes.prefix[r]);
  const { localPref, med, origin, prepend, communities } = rule?.set ?? {};
  routes.isAccepted[r] = rule?.action === 'reject' ? 0 : received.isAccepted[r];
  routes.localPref[r] = localPref ?? received.localPref[r];
  routes.med[r] = med ?? received.med[r];
  routes.origin[r] = origin === undefined ? received.origin[r] : ORIGINS.indexOf(origin);
  routes.prependAsn[r] = prepend?.asn ?? 0;
  routes.prependCount[r] = prepend?.count ?? 0;
  routes.asPathLength[r] = received.asPathLength[r] + (prepend?.count ?? 0);
  // What is put in front is the neighbor AS for whoever compares MEDs from here on.
  routes.neighborAs[r] = prepend?.asn ?? received.neighborAs[r];
  const withheld = Math.max(received.withheld[r], communities === undefined ? NOTHING : withheldBy(communities));
  const isLoop = prepend !== undefined && prepend.asn === ownAsn;
  routes.withheld[r] = isLoop ? (withheld === NOTHING ? LOOP : ADVERTISEMENT) : withheld;
}

function firstRules(rules: readonly PolicyRule[], prefixCount: number, names: PolicyNames): Int32Array {
  const ruleOf = new Int32Array(prefixCount).fill(-1);
  for (let rule = rules.length - 1; rule >= 0; rule--) {
    for (const k of names.indicesOf(rules[rule].prefixes)) if (k >= 0) ruleOf[k] = rule;
  }
  return ruleOf;
}

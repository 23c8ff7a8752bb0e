/** The policy that routers have: given as documents or as text, and under which names. */
import { EgressoError, type Fault } from '../errors.ts';
import {
  DIRECTIONS,
  type Direction,
  ordered,
  type PolicyRule,
  type RouterPolicy,
  type SessionPolicy,
  treatmentOf,
} from './document.ts';
import { type Naming, renderContext } from './naming.ts';
import type { PolicyOptions } from './options.ts';
import type { PolicyNames } from './policy-names.ts';
import { knownChain, unnamedChains } from './render/known-chain.ts';
import type { KnownChain, Uncalled } from './render/named-policy.ts';
import { rendererFor } from './render/renderers.ts';
import { unitedRules } from './rule-book.ts';

interface ExistingText {
  readonly text: string;
  readonly chains: readonly KnownChain[];
  /** Written before the base policies were named. */
  readonly uncalled: readonly Uncalled[];
}

/** By router: what it has now, and under which names. */
export type ExistingTexts = ReadonlyMap<string, ExistingText>;

interface Existing {
  readonly policies: RouterPolicy[];
  readonly texts: ExistingTexts;
}

/**
 * Errors: POLICY_INVALID for texts that cannot be read, for sessions that are not there or have two policies, and for rules of a
 * plan behind others for the same prefix, which would never be asked.
 */
export function existingPolicies(naming: Naming, options: PolicyOptions): Existing {
  const { model, names } = naming;
  const texts = new Map<string, ExistingText>();
  const read = options.existingTexts.map(({ router, format, text }, at) => {
    const index = model.routers.findIndex(({ id }) => id === router);
    try {
      const state = rendererFor(format).state(router, renderContext(naming, index));
      state.take(text);
      const { policy, chains, uncalled } = state.read();
      texts.set(router, { text, chains: chains.map(knownChain), uncalled });
      const obstacle = options.steps ? (uncalled.map(notCalled)[0] ?? policy.sessions.flatMap(doubled)[0]) : undefined;
      if (obstacle !== undefined) throw unstepped(router, obstacle);
      return policy;
    } catch (error) {
      throw error instanceof EgressoError ? below(`/options/existingTexts/${at}/text`, error) : error;
    }
  });
  const given = options.existing.map(({ router, sessions }) => ({
    router,
    sessions: sessions.map((one) => ({
      session: one.session,
      import: one.import.map(normal),
      export: one.export.map(normal),
    })),
  }));
  checkPolicies([...given, ...read], names);
  const all = [...given.map((policy) => united(policy, names)), ...read];
  for (const policy of all) {
    if (texts.has(policy.router)) continue;
    const index = model.routers.findIndex(({ id }) => id === policy.router);
    const chains = unnamedChains(policy, renderContext(naming, index));
    texts.set(policy.router, { text: '', chains, uncalled: [] });
  }
  return { policies: all, texts };
}

function checkPolicies(policies: readonly RouterPolicy[], names: PolicyNames): void {
  const faults: Fault[] = [];
  const fail = (message: string) => faults.push({ pointer: '/options/existing', message });
  const seen = new Set<string>();
  for (const { router, sessions } of policies) {
    if (seen.has(router)) fail(`router "${router}" has more than one policy`);
    seen.add(router);
    for (const one of sessions) {
      const { session } = one;
      const key = `${router} ${session}`;
      if (names.find(router, session) < 0) fail(`router "${router}" has no session "${session}"`);
      if (seen.has(key)) fail(`session "${session}" of router "${router}" has more than one policy`);
      seen.add(key);
      for (const direction of DIRECTIONS) {
        const prefix = shadowed(one[direction]);
        if (prefix === null) continue;
        fail(
          `router "${router}", session ${session}, ${direction}: a rule of a plan for ${prefix} is never asked, as one in front of it has the prefix`,
        );
      }
    }
  }
  if (faults.length > 0) throw new EgressoError('POLICY_INVALID', faults[0].message, faults);
}

/** A prefix of a rule of a plan that a rule in front of it has. */
function shadowed(rules: readonly PolicyRule[]): string | null {
  const last = rules.findLastIndex(({ isOwn }) => isOwn);
  if (last < 1) return null;
  const before = new Set<string>();
  for (const { prefixes, isOwn } of rules.slice(0, last + 1)) {
    const prefix = isOwn ? prefixes.find((one) => before.has(one)) : undefined;
    if (prefix !== undefined) return prefix;
    for (const one of prefixes) before.add(one);
  }
  return null;
}

/** Documents have no names: what a plan made is named as it is now. */
function united({ router, sessions }: RouterPolicy, names: PolicyNames): RouterPolicy {
  return {
    router,
    sessions: sessions.map((one) => ({
      session: one.session,
      import: unitedRules(one.import, names),
      export: unitedRules(one.export, names),
    })),
  };
}

interface Obstacle {
  readonly session: string;
  readonly direction: Direction;
  readonly what: string;
}

const notCalled = ({ session, direction, chain }: Uncalled): Obstacle => ({
  session,
  direction,
  what: `${chain} does not call the policy that basePolicies names`,
});

function doubled(one: SessionPolicy): Obstacle[] {
  return DIRECTIONS.flatMap((direction) => {
    const own = one[direction].filter(({ isOwn }) => isOwn);
    if (new Set(own.map(treatmentOf)).size === own.length) return [];
    return [{ session: one.session, direction, what: 'two rules of a plan do the same' }];
  });
}

/** Steps are of rules, one for each treatment, and leave the calls as they are. */
function unstepped(router: string, { session, direction, what }: Obstacle): EgressoError {
  const message = `router "${router}", session ${session}, ${direction}: ${what}; change that without steps first`;
  return new EgressoError('POLICY_INVALID', message, [{ pointer: '', message }]);
}

function normal({ prefixes, action, set, isOwn }: PolicyRule): PolicyRule {
  return { prefixes, action, set: ordered(set), isOwn };
}

function below(base: string, error: EgressoError): EgressoError {
  const errors = error.errors.map(({ pointer, message }) => ({ pointer: `${base}${pointer}`, message }));
  return new EgressoError(error.code, error.message, errors, error.errorCount);
}

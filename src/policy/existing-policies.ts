/** The policy that routers have: given as documents or as text, and under which names. */
import { EgressoError, type Fault } from '../errors.ts';
import { ordered, type PolicyRule, type RouterPolicy } from './document.ts';
import { type Naming, renderContext } from './naming.ts';
import type { PolicyOptions } from './options.ts';
import { knownChain, unnamedChains } from './render/known-chain.ts';
import type { KnownChain, Uncalled } from './render/named-policy.ts';
import { rendererFor } from './render/renderers.ts';

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

/** Errors: POLICY_INVALID for texts that cannot be read, and for sessions that are not there or have two policies. */
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
      if (options.steps && uncalled.length > 0) throw unstepped(router, uncalled[0]);
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
  const all = [...given, ...read];
  const faults: Fault[] = [];
  const fail = (message: string) => faults.push({ pointer: '/options/existing', message });
  const seen = new Set<string>();
  for (const { router, sessions } of all) {
    if (seen.has(router)) fail(`router "${router}" has more than one policy`);
    seen.add(router);
    for (const { session } of sessions) {
      const key = `${router} ${session}`;
      if (names.find(router, session) < 0) fail(`router "${router}" has no session "${session}"`);
      if (seen.has(key)) fail(`session "${session}" of router "${router}" has more than one policy`);
      seen.add(key);
    }
  }
  if (faults.length > 0) throw new EgressoError('POLICY_INVALID', faults[0].message, faults);
  for (const policy of all) {
    if (texts.has(policy.router)) continue;
    const index = model.routers.findIndex(({ id }) => id === policy.router);
    const chains = unnamedChains(policy, renderContext(naming, index));
    texts.set(policy.router, { text: '', chains, uncalled: [] });
  }
  return { policies: all, texts };
}

/** Steps are of rules, and each leaves the calls as they are. */
function unstepped(router: string, { session, direction, chain }: Uncalled): EgressoError {
  const message = `router "${router}", session ${session}, ${direction}: ${chain} does not call the policy that basePolicies names; change that without steps first`;
  return new EgressoError('POLICY_INVALID', message, [{ pointer: '', message }]);
}

function normal({ prefixes, action, set, isOwn }: PolicyRule): PolicyRule {
  return { prefixes, action, set: ordered(set), isOwn };
}

function below(base: string, error: EgressoError): EgressoError {
  const errors = error.errors.map(({ pointer, message }) => ({ pointer: `${base}${pointer}`, message }));
  return new EgressoError(error.code, error.message, errors, error.errorCount);
}

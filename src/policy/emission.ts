/** The texts of a router, and what it has once it took them: each is read back, on top of what is there before it. */
import { EgressoError } from '../errors.ts';
import { policyDifference } from './difference.ts';
import { policySize, type RouterPolicy } from './document.ts';
import type { Finding } from './finding.ts';
import { renderContext } from './naming.ts';
import type { PolicyOptions } from './options.ts';
import { presentPart } from './render/named-change.ts';
import type { Uncalled } from './render/named-policy.ts';
import type { ReadPolicy, RenderContext, Renderer, RouterState } from './render/renderer.ts';
import { rendererFor } from './render/renderers.ts';
import type { RouterText } from './report.ts';
import { formatOf } from './router-format.ts';
import type { Setting } from './setting.ts';

export interface Emission {
  readonly text: RouterText;
  /** What `text.text` reads as. */
  readonly policy: RouterPolicy;
  readonly findings: readonly Finding[];
}

/** Text, change and rollback of every router of the model, from the policy that is there to `policies`. */
export function emissions(setting: Setting, policies: readonly RouterPolicy[], options: PolicyOptions): Emission[] {
  return setting.model.routers.map(({ id }, router) => {
    const format = formatOf(setting.model, options, router);
    const [renderer, context] = [rendererFor(format), renderContext(setting, router)];
    const [was, is] = [setting.existing, policies].map(
      (of) => of.find((one) => one.router === id) ?? { router: id, sessions: [] },
    );
    const { uncalled = [], text: written = '' } = setting.texts.get(id) ?? {};
    const present = { ...context, uncalled };
    const before = written || renderer.render(presentPart(was, is, context), context);
    const text = renderer.render(is, context);
    // From nothing to a policy is its text.
    const change = before === '' && is.sessions.length > 0 ? text : renderer.change(was, is, context, present);
    const rollback = renderer.change(is, was, present, context);
    const reading = new Reading(renderer, context, id);
    const whole = reading.start(before === '' ? [] : [text], is, 'text');
    const changed = reading.start(before === '' ? [change] : [before, change], is, 'change');
    reading.go(rollback, was, 'rollback', uncalled);
    return {
      policy: (whole ?? changed)?.policy ?? is,
      findings: [...refusals(renderer, is, context), ...reading.findings],
      text: { router: id, format, text, change, rollback, ...policySize([is]), byteCount: Buffer.byteLength(text) },
    };
  });
}

class Reading {
  readonly findings: Finding[] = [];
  readonly #renderer: Renderer;
  readonly #context: RenderContext;
  readonly #router: string;
  #state: RouterState;

  constructor(renderer: Renderer, context: RenderContext, router: string) {
    this.#renderer = renderer;
    this.#context = context;
    this.#router = router;
    this.#state = renderer.state(router, context);
  }

  /** A router without policy takes texts, and has to end with `meant`. No text is nothing to read. */
  start(texts: readonly string[], meant: RouterPolicy, what: string): ReadPolicy | null {
    if (texts.length === 0) return null;
    this.#state = this.#renderer.state(this.#router, this.#context);
    for (const text of texts.slice(0, -1)) this.#state.take(text);
    if (texts.length > 1) this.#state.read();
    return this.go(texts[texts.length - 1], meant, what);
  }

  /** The router takes one more. `uncalled`: what does not call its base policy then. */
  go(text: string, meant: RouterPolicy, what: string, uncalled: readonly Uncalled[] = []): ReadPolicy | null {
    const fail = (message: string) =>
      this.findings.push({ kind: 'read-back', message: `${this.#router}, ${what}: ${message}` });
    try {
      this.#state.take(text);
      const read = this.#state.read();
      for (const { session, direction, change, rule } of policyDifference([meant], [read.policy])) {
        const verb = change === 'add' ? 'has' : 'lacks';
        fail(`session ${session}, ${direction}, ${verb} a rule for ${rule.prefixes[0]}`);
      }
      for (const { chain } of without(read.uncalled, uncalled)) fail(`${chain} does not call the base policy`);
      for (const { session, chain } of without(uncalled, read.uncalled)) fail(`${session} does not have ${chain}`);
      return read;
    } catch (error) {
      if (!(error instanceof EgressoError)) throw error;
      fail(error.message);
      return null;
    }
  }
}

function without(some: readonly Uncalled[], others: readonly Uncalled[]): Uncalled[] {
  const known = new Set(others.map(attached));
  return some.filter((one) => !known.has(attached(one)));
}

const attached = ({ session, direction, family, chain }: Uncalled): string =>
  `${session} ${direction} ${family} ${chain}`;

function refusals(renderer: Renderer, { router, sessions }: RouterPolicy, context: RenderContext): Finding[] {
  const reasons = new Set(
    context.sessions.flatMap((session) => {
      const policy = sessions.find((one) => one.session === session.name);
      const rules = policy === undefined ? [] : [...policy.import, ...policy.export];
      const refused = rules.map((rule) => renderer.refuses(rule, session, context));
      return [...refused, renderer.refusesBase(session)].filter((reason) => reason !== null);
    }),
  );
  return [...reasons].map((reason) => ({ kind: 'unsupported', message: `${router}: ${reason}` }));
}

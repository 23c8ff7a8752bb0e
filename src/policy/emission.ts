/** The texts of a router, and what it has once it took them: each is read back, on top of what is there before it. */
import { policySize, type RouterPolicy } from './document.ts';
import type { Finding } from './finding.ts';
import { renderContext } from './naming.ts';
import type { PolicyOptions } from './options.ts';
import { Reading } from './reading.ts';
import { presentPart } from './render/named-change.ts';
import type { RenderContext, Renderer } from './render/renderer.ts';
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

/** The texts of the steps, taken by routers one after another. */
import { describe, expect, it } from 'vitest';
import type { NetworkModel } from '../../src/model/network-model.ts';
import type { PolicyRule, RouterPolicy } from '../../src/policy/document.ts';
import { renderContext } from '../../src/policy/naming.ts';
import { parsePolicyOptions } from '../../src/policy/options.ts';
import { policyFor } from '../../src/policy/policy.ts';
import { rendererFor } from '../../src/policy/render/renderers.ts';
import { settingOf } from '../../src/policy/setting.ts';
import { BASE_POLICIES as basePolicies, Dice, randomNetwork, randomPlan } from './random-network.ts';

/** Rules of plans share no prefix: neither their order matters, nor that of their prefixes. */
function asSet({ sessions }: RouterPolicy): object {
  const rules = (of: readonly PolicyRule[]): string[] =>
    of.map((rule) => JSON.stringify({ ...rule, prefixes: rule.prefixes.toSorted() })).sort();
  return sessions.map((one) => ({ ...one, import: rules(one.import), export: rules(one.export) }));
}

describe.each(['frr', 'bird', 'junos', 'iosxr'] as const)('%s', (format) => {
  const renderer = rendererFor(format);

  /** A router that reads texts, and what the text of a plan is there with one prefix more, which the model has not. */
  const routersOf = (model: NetworkModel, options: object) => {
    const setting = settingOf(model, parsePolicyOptions(options, model));
    return model.routers.map(({ id }, router) => {
      const context = renderContext(setting, router);
      return {
        id,
        state: renderer.state(id, context),
        meaning: (text: string) => asSet(renderer.read(text, id, context)),
        withStale: (text: string): string => {
          const policy = renderer.read(text, id, context);
          const rule = policy.sessions[0]?.import[0] ?? policy.sessions[0]?.export[0];
          rule?.prefixes.push(rule.prefixes[0].includes(':') ? '2001:db8:ffff::/48' : '192.0.2.0/24');
          return renderer.render(policy, context);
        },
      };
    });
  };

  it('lead from what routers have to the plan, phase by phase, and back', () => {
    const seen = { texts: 0, entries: 0, lines: 0 };
    for (let seed = 0; seed < 80; seed++) {
      const dice = new Dice(seed);
      const model = randomNetwork(dice, { limited: true });
      const [first, second] = [0, 1].map(() => randomPlan(model, dice.pick(['ses', 'mes'] as const), dice));
      if (first === null || second === null) continue;
      const ingress = dice.pick(['med', 'prepend', 'advertise'] as const);
      const options = { format, basePolicies, bgp: { multipath: false }, ingress };
      const routers = routersOf(model, options);
      const existingTexts = policyFor(model, first, options).routers.map(({ router, text }, at) => {
        return { router, format, text: routers[at].withStale(text) };
      });
      for (const [at, { text }] of existingTexts.entries()) routers[at].state.take(text);
      const result = policyFor(model, second, { ...options, existingTexts, steps: true, stepTexts: true });
      expect(result.status).toBe('proven');

      const taken: { router: (typeof routers)[number]; rollback: string; before: object }[] = [];
      for (const { phases } of result.execution?.steps ?? []) {
        for (const { difference, routers: texts } of phases) {
          seen.entries += difference.reduce((sum, { rule }) => sum + rule.prefixes.length, 0);
          for (const { router: id, change, rollback } of texts) {
            const router = routers.find((one) => one.id === id) ?? routers[0];
            taken.push({ router, rollback, before: asSet(router.state.read().policy) });
            router.state.take(change);
            seen.texts++;
            seen.lines += change.split('\n').length - 1;
          }
        }
      }
      for (const [at, { text }] of result.routers.entries()) {
        const { id, state, meaning } = routers[at];
        expect({ seed, id, policy: asSet(state.read().policy) }).toEqual({ seed, id, policy: meaning(text) });
      }
      for (const { router, rollback, before } of taken.toReversed()) {
        router.state.take(rollback);
        expect({ seed, id: router.id, policy: asSet(router.state.read().policy) }).toEqual({
          seed,
          id: router.id,
          policy: before,
        });
      }
    }
    expect(seen.texts).toBeGreaterThan(100);
  });
});

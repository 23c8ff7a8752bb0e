/** The texts of the steps, taken by routers one after another. */
import { describe, expect, it } from 'vitest';
import type { NetworkModel } from '../../src/model/network-model.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { PolicyRule, RouterPolicy } from '../../src/policy/document.ts';
import { renderContext } from '../../src/policy/naming.ts';
import { parsePolicyOptions } from '../../src/policy/options.ts';
import { policyFor } from '../../src/policy/policy.ts';
import type { Renderer } from '../../src/policy/render/renderer.ts';
import { rendererFor } from '../../src/policy/render/renderers.ts';
import { settingOf } from '../../src/policy/setting.ts';
import { BASE_POLICIES as basePolicies, Dice, randomNetwork, randomPlan } from './random-network.ts';

/** Rules of plans share no prefix: neither their order matters, nor that of their prefixes. */
function asSet({ sessions }: RouterPolicy): object {
  const rules = (of: readonly PolicyRule[]): string[] =>
    of.map((rule) => JSON.stringify({ ...rule, prefixes: rule.prefixes.toSorted() })).sort();
  return sessions.map((one) => ({ ...one, import: rules(one.import), export: rules(one.export) }));
}

/** `first` for prefixes that `allow` leaves out, `second` for the others. */
function mixed(model: NetworkModel, first: Plan, second: Plan, allow: readonly string[] | null): Plan {
  const { ids, prefixes } = model.prefixes;
  const isAllowed = ({ prefix }: { readonly prefix: string }) => allow?.includes(prefixes[ids.indexOf(prefix)]) ?? true;
  const assignments = [...first.assignments.filter((one) => !isAllowed(one)), ...second.assignments.filter(isAllowed)];
  return { modelHash: model.hash, assignments } as unknown as Plan;
}

function attempt(draw: () => Plan | null): Plan {
  return draw() ?? attempt(draw);
}

const withAllow = (allow: readonly string[] | null) => (allow === null ? {} : { allow: [...allow] });

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
    const seen = { texts: 0, united: 0 };
    for (let seed = 0; seed < 120; seed++) {
      const dice = new Dice(seed);
      const model = randomNetwork(dice, { limited: true });
      const plans = [0, 1, 2].map(() => randomPlan(model, dice.pick(['ses', 'mes'] as const), dice));
      const [first, other, last] = plans;
      if (first === null || other === null || last === null) continue;
      // What one plan may not touch, the next one may, and the other way round.
      const [allow, allowLast] = [60, 30].map((percent) =>
        dice.chance(percent) ? dice.some(model.prefixes.prefixes, 50) : null,
      );
      const middle = mixed(model, first, other, allow);
      const second = mixed(model, middle, last, allowLast);
      const ingress = dice.pick(['med', 'prepend', 'advertise'] as const);
      // The same for all plans, so that their rules may be the same.
      const options = { format, basePolicies, bgp: { multipath: false }, ingress, localPref: 5000 };
      const routers = routersOf(model, options);
      const earlier = policyFor(model, first, options).routers.map(({ router, text }) => ({ router, format, text }));
      const between = policyFor(model, middle, { ...options, ...withAllow(allow), existingTexts: earlier });
      expect({ seed, findings: between.findings }).toEqual({ seed, findings: [] });
      const existingTexts = between.routers.map(({ router, text }, at) => {
        return { router, format, text: routers[at].withStale(text) };
      });
      for (const [at, { text }] of existingTexts.entries()) routers[at].state.take(text);
      const stepping = { ...options, ...withAllow(allowLast), existingTexts, steps: true, stepTexts: true };
      const result = policyFor(model, second, stepping);
      expect({ seed, findings: result.findings }).toEqual({ seed, findings: [] });
      if (allow !== null) seen.united++;

      const taken: { router: (typeof routers)[number]; rollback: string; before: object }[] = [];
      for (const { phases } of result.execution?.steps ?? []) {
        for (const { routers: texts } of phases) {
          for (const { router: id, change, rollback } of texts) {
            const router = routers.find((one) => one.id === id) ?? routers[0];
            taken.push({ router, rollback, before: asSet(router.state.read().policy) });
            router.state.take(change);
            seen.texts++;
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
    expect(seen.texts).toBeGreaterThan(150);
    expect(seen.united).toBeGreaterThan(20);
  });

  it('a text that misses a line refutes the plan: the router would come to something else', () => {
    const dice = new Dice(7);
    const model = randomNetwork(dice, { limited: true });
    const [first, second] = [0, 1].map(() => attempt(() => randomPlan(model, 'ses', dice)));
    const options = { format, basePolicies, bgp: { multipath: false }, ingress: 'advertise' as const };
    const existingTexts = policyFor(model, first, options).routers.map(({ router, text }) => ({
      router,
      format,
      text,
    }));
    const stepping = { ...options, existingTexts, steps: true, stepTexts: true };
    expect(policyFor(model, second, stepping)).toMatchObject({ status: 'proven', findings: [] });
    const changing: { change: Renderer['change'] } = renderer;
    const whole = changing.change;
    try {
      // Change and rollback as a whole are left as they are.
      let left = 2 * model.routers.length;
      changing.change = (...what) => {
        const text = whole(...what);
        return left-- <= 0 ? text.replace(/^.*(10|2001:db8)[.:].*\n/m, '') : text;
      };
      const found = policyFor(model, second, stepping);
      expect(found.status).toBe('refuted');
      expect(found.findings).toContainEqual(
        expect.objectContaining({ kind: 'read-back', message: expect.stringMatching(/change of step \d/) }),
      );
      expect(found.execution).toBeNull();
    } finally {
      changing.change = whole;
    }
  });
});

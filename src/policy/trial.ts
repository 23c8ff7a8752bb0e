/** BGP for one prefix at a time, under rules that change from one look to the next. */
import { changeable, importRoute } from './applied-policy.ts';
import { PairWays } from './bgp/pair-ways.ts';
import { PrefixRouting } from './bgp/routing.ts';
import type { PolicyRules } from './policy-rules.ts';
import type { Setting } from './setting.ts';

export class Trial {
  /** Valid for the prefix that was played last. */
  readonly ways: PairWays;
  readonly #setting: Setting;
  readonly #routing: PrefixRouting;
  #rules: PolicyRules;

  constructor(setting: Setting) {
    const { speakers, received, bgp, keptApplied } = setting;
    this.#setting = setting;
    this.#rules = keptApplied;
    this.#routing = new PrefixRouting(speakers, changeable(received));
    const rules: PolicyRules = { ruleFor: (...what) => this.#rules.ruleFor(...what) };
    this.ways = new PairWays(this.#routing, rules, bgp);
  }

  play(k: number, rules: PolicyRules): void {
    const { routes } = this.#routing;
    this.#rules = rules;
    const { received, model } = this.#setting;
    for (let r = routes.start[k]; r < routes.start[k + 1]; r++) importRoute(routes, received, r, rules, model.asn);
    this.#routing.decide(k);
    this.ways.reset();
  }
}

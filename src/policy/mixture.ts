/** Policies on the way: some entries have their rules of the target, the others those that were there. */
import { narrowed, withRules } from './allow-list.ts';
import { policyDifference } from './difference.ts';
import { DIRECTIONS, type Direction, type RouterPolicy } from './document.ts';
import type { RuleChange } from './report.ts';
import { RuleBook } from './rule-book.ts';
import type { Setting } from './setting.ts';
import type { Entry, Transition } from './transition.ts';

export class Mixture {
  /** Rules of a plan for prefixes that the model does not have, each as what removes it: they go in the end. */
  readonly stale: readonly RuleChange[];
  readonly #setting: Setting;
  readonly #transition: Transition;
  readonly #stale: readonly RouterPolicy[];
  readonly #done: Readonly<Record<Direction, readonly Uint8Array[]>>;

  constructor(setting: Setting, transition: Transition) {
    const { model, network, names, own } = setting;
    const columns = () => network.sessions.map(() => new Uint8Array(model.prefixes.count));
    this.#setting = setting;
    this.#transition = transition;
    this.#stale = withRules(own, (rule) => narrowed(rule, (prefix) => !names.prefixIndex.has(prefix)));
    this.stale = policyDifference(this.#stale, []);
    this.#done = { import: columns(), export: columns() };
  }

  /** From now on an entry of prefix k has its rule of the target. */
  carryOut(k: number, { direction, session }: Entry): void {
    this.#done[direction][session][k] = 1;
  }

  /** Index of the router into `model.routers`. `withStale`: as long as they are there. */
  policyOf(router: number, withStale = true): RouterPolicy {
    const { model, network, names, kept } = this.#setting;
    const book = new RuleBook(network, names);
    for (let session = 0; session < network.sessions.length; session++) {
      if (network.sessions[session].router !== router) continue;
      for (const direction of DIRECTIONS) {
        const done = this.#done[direction][session];
        for (let k = 0; k < model.prefixes.count; k++) {
          const rule = this.#transition.ownRule(done[k] === 1, direction, session, k);
          if (rule !== null) book.add(direction, session, k, rule.action, rule.set);
        }
      }
    }
    const { id } = model.routers[router];
    const others = [...kept, ...(withStale ? this.#stale : [])].filter((policy) => policy.router === id);
    return book.policies(others)[0] ?? { router: id, sessions: [] };
  }
}

/** Policies on the way: some entries have their rules of the target, the others those that were there. */
import { DIRECTIONS, type Direction, type RouterPolicy, type SessionPolicy } from './document.ts';
import type { RuleChange } from './report.ts';
import { RuleBook } from './rule-book.ts';
import type { Setting } from './setting.ts';
import type { Entry, Transition } from './transition.ts';

export class Mixture {
  readonly #setting: Setting;
  readonly #transition: Transition;
  /** What is not for the model's prefixes goes in the end. */
  readonly #stale: readonly RuleChange[];
  readonly #done: Readonly<Record<Direction, readonly Uint8Array[]>>;

  constructor(setting: Setting, transition: Transition) {
    const { model, network } = setting;
    const columns = () => network.sessions.map(() => new Uint8Array(model.prefixes.count));
    this.#setting = setting;
    this.#transition = transition;
    this.#stale = staleRules(setting);
    this.#done = { import: columns(), export: columns() };
  }

  /** Rules of a plan for prefixes that the model does not have, each as what removes it. */
  get stale(): readonly RuleChange[] {
    return this.#stale;
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
    const behind = withStale ? this.#withStale(id, kept) : kept;
    return book.policies(behind).find((policy) => policy.router === id) ?? { router: id, sessions: [] };
  }

  #withStale(id: string, kept: readonly RouterPolicy[]): RouterPolicy[] {
    const stale = this.#stale.filter(({ router }) => router === id);
    const here = kept.find(({ router }) => router === id)?.sessions ?? [];
    const names = new Set([...here.map(({ session }) => session), ...stale.map(({ session }) => session)]);
    const sessions = [...names].map((session): SessionPolicy => {
      const old = here.find((one) => one.session === session);
      const rules = (direction: Direction) =>
        stale.flatMap((one) => (one.session === session && one.direction === direction ? [one.rule] : []));
      return {
        session,
        import: [...rules('import'), ...(old?.import ?? [])],
        export: [...rules('export'), ...(old?.export ?? [])],
      };
    });
    return [{ router: id, sessions }];
  }
}

function staleRules({ own, names }: Setting): RuleChange[] {
  return own.flatMap(({ router, sessions }) =>
    sessions.flatMap((one) =>
      DIRECTIONS.flatMap((direction) =>
        one[direction].flatMap((rule): RuleChange[] => {
          const prefixes = rule.prefixes.filter((prefix) => !names.prefixIndex.has(prefix));
          if (prefixes.length === 0) return [];
          return [{ router, session: one.session, direction, change: 'remove', rule: { ...rule, prefixes } }];
        }),
      ),
    ),
  );
}

/** Policies on the way: some entries have their rules of the target, the others those that were there. */
import { DIRECTIONS, type Direction, type PolicyRule, type RouterPolicy, type SessionPolicy } from './document.ts';
import type { RuleChange } from './report.ts';
import { RuleBook } from './rule-book.ts';
import type { Setting } from './setting.ts';
import { type Entry, type Transition, treatment } from './transition.ts';

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
    const of = (policies: readonly RouterPolicy[]) => policies.find((policy) => policy.router === id)?.sessions ?? [];
    const [planned, behind] = [of(book.policies([])), of(kept)];
    const stale = withStale ? this.#stale.filter((one) => one.router === id) : [];
    const touched = new Set([...planned, ...behind, ...stale].map(({ session }) => session));
    const sessions = [...touched].sort().map((session): SessionPolicy => {
      const rules = (direction: Direction): PolicyRule[] => {
        const [own, others] = [planned, behind].map(
          (policies) => policies.find((one) => one.session === session)?.[direction] ?? [],
        );
        const gone = stale.flatMap((one) => (one.session === session && one.direction === direction ? [one.rule] : []));
        return [...gone.reduce(withRule, own), ...others];
      };
      return { session, import: rules('import'), export: rules('export') };
    });
    return { router: id, sessions: sessions.filter((one) => one.import.length + one.export.length > 0) };
  }
}

/** Prefixes that are treated alike are in one rule: the router has them in one list. */
function withRule(rules: readonly PolicyRule[], more: PolicyRule): PolicyRule[] {
  const isAlike = (rule: PolicyRule): boolean =>
    treatment(rule) === treatment(more) && rule.prefixes[0].includes(':') === more.prefixes[0].includes(':');
  const at = rules.findIndex(isAlike);
  if (at < 0) return [...rules, more];
  return rules.with(at, { ...rules[at], prefixes: [...rules[at].prefixes, ...more.prefixes] });
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

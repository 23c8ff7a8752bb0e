/**
 * A policy in the parts that every router OS has: named lists of prefixes, and chains of rules that sessions refer to.
 *
 * Names carry a digest of the content. Equal contents share a name, and a changed chain is another chain: it can be defined
 * beside the one in use, and sessions move over in one step.
 */
import { createHash } from 'node:crypto';
import { DIRECTIONS, type Direction, type PolicyRule, type RouterPolicy } from '../document.ts';

export type Family = 4 | 6;

export interface NamedList {
  readonly name: string;
  readonly family: Family;
  readonly prefixes: readonly string[];
}

export interface NamedRule {
  readonly rule: PolicyRule;
  readonly list: NamedList;
}

/** All rules of a session in one direction. */
export interface NamedChain {
  readonly name: string;
  readonly session: string;
  readonly direction: Direction;
  readonly rules: readonly NamedRule[];
  /** Address families that its rules are for, ascending. */
  readonly families: readonly Family[];
}

export interface NamedPolicy {
  /** In the order in which chains use them first. */
  readonly lists: readonly NamedList[];
  readonly chains: readonly NamedChain[];
}

/** Names tell whose a list is: what a plan made is replaced by the next plan, what was there is kept. */
const OWN = 'EGRESSO';
const KEPT = 'KEPT';
const DIGEST_LENGTH = 12;

export function isOwnName(name: string): boolean {
  return name.startsWith(OWN);
}

export function familyOfPrefix(prefix: string): Family {
  return prefix.includes(':') ? 6 : 4;
}

/** `separator` stands between the parts of names, as the router OS has it in its own. */
export function namePolicy({ sessions }: RouterPolicy, separator: '-' | '_'): NamedPolicy {
  const lists = new Map<string, NamedList>();
  const listOf = ({ prefixes, isOwn }: PolicyRule): NamedList => {
    const name = [isOwn ? OWN : KEPT, digest(prefixes)].join(separator);
    const list = lists.get(name) ?? { name, family: familyOfPrefix(prefixes[0]), prefixes };
    lists.set(name, list);
    return list;
  };
  const chains = sessions.flatMap((policy) =>
    DIRECTIONS.flatMap((direction): NamedChain[] => {
      if (policy[direction].length === 0) return [];
      const rules = policy[direction].map((rule) => ({ rule, list: listOf(rule) }));
      const content = rules.map(({ rule: { action, set }, list }) => JSON.stringify([list.name, action, set]));
      const side = direction === 'import' ? 'IN' : 'OUT';
      const name = [OWN, policy.session, side, digest(content)].join(separator);
      const families = [...new Set(rules.map(({ list }) => list.family))].sort();
      return [{ name, session: policy.session, direction, rules, families }];
    }),
  );
  return { lists: [...lists.values()], chains };
}

/** What `to` has and `from` has not: equal names stand for equal contents. */
export function added<T extends { readonly name: string }>(from: readonly T[], to: readonly T[]): T[] {
  const present = new Set(from.map(({ name }) => name));
  return to.filter(({ name }) => !present.has(name));
}

/** By list: a policy is named for its text, its change and its rollback. */
const digests = new WeakMap<readonly string[], string>();

function digest(parts: readonly string[]): string {
  let known = digests.get(parts);
  if (known === undefined) {
    known = createHash('sha256')
      .update(`${parts.join('\n')}\n`)
      .digest('hex')
      .slice(0, DIGEST_LENGTH);
    digests.set(parts, known);
  }
  return known;
}

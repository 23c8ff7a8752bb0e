/**
 * A policy in the parts that every router OS has: named lists of prefixes, and chains of rules that sessions refer to.
 *
 * A list of ours is named after its use: session, direction, and what is done with its prefixes. So a prefix that changes is a
 * change within lists, which stay where they are. A chain is named after what it does with which lists: a changed one is
 * another one, which can be defined beside the one in use, and sessions move over in one step. A chain that the router has
 * already keeps its name. What is kept of others has the digest of its content.
 */
import { createHash } from 'node:crypto';
import type { BaseNames } from '../base-policy.ts';
import {
  DIRECTIONS,
  type Direction,
  type Family,
  familyOfPrefix,
  ordered,
  type PolicyRule,
  type RouterPolicy,
  treatmentOf,
} from '../document.ts';
import { linePieces } from './line-pieces.ts';

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
  /** Policy that has its say before the rules; null for none. */
  readonly base: string | null;
  /** The router has it by another name, which nobody says. */
  readonly isElsewhere: boolean;
}

export interface NamedPolicy {
  /** In the order in which chains use them first. */
  readonly lists: readonly NamedList[];
  readonly chains: readonly NamedChain[];
  /** Sessions that have the chain that takes every route in place of their base policy. */
  readonly passed: readonly NamedChain[];
}

/** A chain that the router has; `named` is null where its name is not known. */
export interface KnownChain {
  readonly session: string;
  readonly direction: Direction;
  readonly content: string;
  readonly named: NamedChain | null;
}

/** A chain that a session has in an address family (null: in both), and in which its base policy has no say. */
export interface Uncalled {
  readonly session: string;
  readonly direction: Direction;
  readonly family: Family | null;
  readonly chain: string;
}

export interface NamingContext {
  readonly sessions: readonly { readonly name: string; readonly base?: BaseNames }[];
  readonly existing?: readonly KnownChain[];
  readonly uncalled?: readonly Uncalled[];
}

/** Names tell whose a list is: what a plan made is replaced by the next plan, what was there is kept. */
const OWN = 'EGRESSO';
const KEPT = 'KEPT';
const PASS = 'PASS';
const DIGEST_LENGTH = 12;

/** Made from a plan. */
export function isOwnName(name: string): boolean {
  return name.startsWith(OWN);
}

/** Written by a text of ours, which may remove it too. */
export function isWrittenName(name: string): boolean {
  return name.startsWith(OWN) || name.startsWith(KEPT);
}

/** A chain that takes every route as it is. */
export function passName(separator: '-' | '_'): string {
  return `${OWN}${separator}${PASS}`;
}

const isPassed = ({ chain }: Uncalled): boolean => chain === passName('-') || chain === passName('_');

/** `separator` stands between the parts of names, as the router OS has it in its own. */
export function namePolicy({ sessions }: RouterPolicy, separator: '-' | '_', context: NamingContext): NamedPolicy {
  const { existing = [], uncalled = [] } = context;
  const chains = sessions.flatMap((policy) =>
    DIRECTIONS.flatMap((direction): NamedChain[] => {
      if (policy[direction].length === 0) return [];
      const base = calledBase(context, policy.session, direction);
      const content = contentOf(policy[direction], base);
      const present = existing.find(
        (one) => one.session === policy.session && one.direction === direction && one.content === content,
      );
      if (present?.named) return [present.named];
      const rules = namedRules(policy.session, direction, policy[direction], separator);
      const side = direction === 'import' ? 'IN' : 'OUT';
      const name = [OWN, policy.session, side, digest(structureOf(rules, base))].join(separator);
      const families = familiesOf(rules);
      const isElsewhere = present !== undefined;
      return [{ name, session: policy.session, direction, rules, families, base, isElsewhere }];
    }),
  );
  return { lists: listsOf(chains), chains, passed: uncalled.filter(isPassed).map(passedChain) };
}

/** The policy that chains of a session call; null for none. */
export function calledBase(
  { sessions, uncalled = [] }: NamingContext,
  session: string,
  direction: Direction,
): string | null {
  const isWithout = uncalled.some((one) => one.session === session && one.direction === direction && !isPassed(one));
  if (isWithout) return null;
  return sessions.find(({ name }) => name === session)?.base?.[direction] ?? null;
}

function passedChain({ session, direction, family, chain }: Uncalled): NamedChain {
  const families: readonly Family[] = family === null ? [4, 6] : [family];
  return { name: chain, session, direction, rules: [], families, base: null, isElsewhere: false };
}

function namedRules(
  session: string,
  direction: Direction,
  rules: readonly PolicyRule[],
  separator: '-' | '_',
): NamedRule[] {
  return rules.map((rule) => {
    const { prefixes, isOwn } = rule;
    const name = isOwn ? [OWN, digest([session, direction, treatmentOf(rule)])] : [KEPT, digest(prefixes)];
    return { rule, list: { name: name.join(separator), family: familyOfPrefix(prefixes[0]), prefixes } };
  });
}

/** What a chain does with which lists. Rules of ours share no prefix, so that their order does not matter. */
function structureOf(rules: readonly NamedRule[], base: string | null): string[] {
  const parts = rules.map(({ rule: { isOwn, action, set }, list }) => ({
    isOwn,
    text: JSON.stringify([list.name, action, ordered(set)]),
  }));
  const [own, kept] = [true, false].map((is) => parts.filter(({ isOwn }) => isOwn === is).map(({ text }) => text));
  return [...own.sort(), ...kept, base ?? ''];
}

export function familiesOf(rules: readonly NamedRule[]): Family[] {
  return [...new Set(rules.map(({ list }) => list.family))].sort();
}

export function listsOf(chains: readonly NamedChain[]): NamedList[] {
  return [...new Map(chains.flatMap(({ rules }) => rules.map(({ list }) => [list.name, list] as const))).values()];
}

/** Equal for chains that do the same. */
export function contentOf(rules: readonly PolicyRule[], base: string | null): string {
  const parts = rules.map(({ prefixes, action, set, isOwn }) => [isOwn, digest(prefixes), action, ordered(set)]);
  return JSON.stringify(base === null ? parts : [...parts, base]);
}

/** By list: a policy is named for its text, its change and its rollback. */
const digests = new WeakMap<readonly string[], string>();

function digest(parts: readonly string[]): string {
  let known = digests.get(parts);
  if (known === undefined) {
    const hash = createHash('sha256');
    for (const piece of linePieces(parts, (part) => part)) hash.update(`${piece}\n`);
    known = hash.digest('hex').slice(0, DIGEST_LENGTH);
    digests.set(parts, known);
  }
  return known;
}

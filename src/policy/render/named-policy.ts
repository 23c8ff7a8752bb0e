/**
 * A policy in the parts that every router OS has: named lists of prefixes, and chains of rules that sessions refer to.
 *
 * Names carry a digest of the content. Equal contents share a name, and a changed chain is another chain: it can be defined
 * beside the one in use, and sessions move over in one step. A chain that the router has already keeps its name.
 */
import { createHash } from 'node:crypto';
import type { BaseNames } from '../base-policy.ts';
import { DIRECTIONS, type Direction, ordered, type PolicyRule, type RouterPolicy } from '../document.ts';
import { linePieces } from './line-pieces.ts';

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
  /** Policy that has its say before the rules; null for none. */
  readonly base: string | null;
  /** The router has it by another name, which nobody says. */
  readonly isElsewhere: boolean;
}

export interface NamedPolicy {
  /** In the order in which chains use them first. */
  readonly lists: readonly NamedList[];
  readonly chains: readonly NamedChain[];
}

/** A chain that the router has; `named` is null where its name is not known. */
export interface KnownChain {
  readonly session: string;
  readonly direction: Direction;
  readonly content: string;
  readonly named: NamedChain | null;
}

export interface NamingContext {
  readonly sessions: readonly { readonly name: string; readonly base?: BaseNames }[];
  readonly existing?: readonly KnownChain[];
}

/** Names tell whose a list is: what a plan made is replaced by the next plan, what was there is kept. */
const OWN = 'EGRESSO';
const KEPT = 'KEPT';
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
  return [OWN, 'PASS'].join(separator);
}

export function familyOfPrefix(prefix: string): Family {
  return prefix.includes(':') ? 6 : 4;
}

/** `separator` stands between the parts of names, as the router OS has it in its own. */
export function namePolicy(
  { sessions }: RouterPolicy,
  separator: '-' | '_',
  { sessions: known, existing = [] }: NamingContext,
): NamedPolicy {
  const listOf = ({ prefixes, isOwn }: PolicyRule): NamedList => {
    const name = [isOwn ? OWN : KEPT, digest(prefixes)].join(separator);
    return { name, family: familyOfPrefix(prefixes[0]), prefixes };
  };
  const chains = sessions.flatMap((policy) => {
    const bases = known.find(({ name }) => name === policy.session)?.base;
    return DIRECTIONS.flatMap((direction): NamedChain[] => {
      if (policy[direction].length === 0) return [];
      const base = bases?.[direction] ?? null;
      const content = contentOf(policy[direction], base);
      const present = existing.find(
        (one) => one.session === policy.session && one.direction === direction && one.content === content,
      );
      if (present?.named) return [present.named];
      const rules = policy[direction].map((rule) => ({ rule, list: listOf(rule) }));
      const side = direction === 'import' ? 'IN' : 'OUT';
      const name = [OWN, policy.session, side, digest([content])].join(separator);
      const families = familiesOf(rules);
      const isElsewhere = present !== undefined;
      return [{ name, session: policy.session, direction, rules, families, base, isElsewhere }];
    });
  });
  return { lists: listsOf(chains), chains };
}

/** What `change` starts from: chains that go by names that nobody says count only where they stay. */
export function presentPolicy({ chains }: NamedPolicy, to: NamedPolicy): NamedPolicy {
  const staying = new Set(to.chains.map(({ name }) => name));
  const present = chains.filter(({ name, isElsewhere }) => !isElsewhere || staying.has(name));
  return { lists: listsOf(present), chains: present };
}

/** The part of a policy that the router is known to have before it goes over to another one. */
export function presentPart(from: RouterPolicy, to: RouterPolicy, context: NamingContext): RouterPolicy {
  const [old, next] = [from, to].map((policy) => namePolicy(policy, '-', context));
  const present = presentPolicy(old, next).chains;
  const isPresent = (session: string, direction: Direction): boolean =>
    present.some((one) => one.session === session && one.direction === direction);
  const sessions = from.sessions.map((one) => ({
    session: one.session,
    import: isPresent(one.session, 'import') ? one.import : [],
    export: isPresent(one.session, 'export') ? one.export : [],
  }));
  return { router: from.router, sessions: sessions.filter((one) => one.import.length + one.export.length > 0) };
}

/** What `to` has and `from` has not, of what our texts write: equal names stand for equal contents. */
export function added<T extends { readonly name: string }>(from: readonly T[], to: readonly T[]): T[] {
  const present = new Set(from.map(({ name }) => name));
  return to.filter(({ name }) => !present.has(name) && isWrittenName(name));
}

/** A session that goes from one chain to another in an address family; null is none of either policy. */
export interface Move<S> {
  readonly session: S;
  readonly direction: Direction;
  readonly was: NamedChain | null;
  readonly is: NamedChain | null;
}

export function movesIn<S extends { readonly name: string }>(
  family: Family | null,
  from: NamedPolicy,
  to: NamedPolicy,
  sessions: readonly S[],
): Move<S>[] {
  const [old, next] = [from, to].map(
    ({ chains }) => new Map(chains.map((chain) => [`${chain.session} ${chain.direction}`, chain])),
  );
  return sessions.flatMap((session) =>
    DIRECTIONS.flatMap((direction): Move<S>[] => {
      const [was, is] = [old, next].map((chains) => {
        const chain = chains.get(`${session.name} ${direction}`);
        return chain !== undefined && (family === null || chain.families.includes(family)) ? chain : null;
      });
      return was?.name === is?.name ? [] : [{ session, direction, was, is }];
    }),
  );
}

/** A chain that was read, under its name. */
export function knownChain(named: NamedChain): KnownChain {
  const { session, direction, rules, base } = named;
  const content = contentOf(
    rules.map(({ rule }) => rule),
    base,
  );
  return { session, direction, content, named };
}

/**
 * Chains of a policy that came without names and that no plan made: those with a rule of a plan have the names that they
 * were given then.
 */
export function unnamedChains({ sessions }: RouterPolicy, { sessions: known }: NamingContext): KnownChain[] {
  return sessions.flatMap((policy) => {
    const bases = known.find(({ name }) => name === policy.session)?.base;
    return DIRECTIONS.flatMap((direction): KnownChain[] => {
      if (policy[direction].length === 0 || policy[direction].some(({ isOwn }) => isOwn)) return [];
      const content = contentOf(policy[direction], bases?.[direction] ?? null);
      return [{ session: policy.session, direction, content, named: null }];
    });
  });
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

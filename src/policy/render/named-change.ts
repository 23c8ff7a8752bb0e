/** From one named policy to another: what is there already, what comes, what is edited, and which sessions move. */
import { DIRECTIONS, type Direction, type Family, type RouterPolicy } from '../document.ts';
import {
  familiesOf,
  isWrittenName,
  listsOf,
  type NamedChain,
  type NamedList,
  type NamedPolicy,
  type NamingContext,
  namePolicy,
} from './named-policy.ts';

/** What `change` starts from: chains that go by names that nobody says count only where they stay. */
export function presentPolicy({ chains, passed }: NamedPolicy, to: NamedPolicy): NamedPolicy {
  const staying = new Set(to.chains.map(({ name }) => name));
  const present = chains.filter(({ name, isElsewhere }) => !isElsewhere || staying.has(name));
  return { lists: listsOf(present), chains: present, passed };
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

/** No policy. */
export const NOTHING: NamedPolicy = { lists: [], chains: [], passed: [] };

/**
 * What a text has to define, each name once. A router without policy (null) does not have what others wrote either: the
 * whole of its policy defines that too.
 */
export function definitions(from: NamedPolicy | null, to: NamedPolicy): Pick<NamedPolicy, 'lists' | 'chains'> {
  if (from !== null) return { lists: added(from.lists, to.lists), chains: added(from.chains, to.chains) };
  const chains = new Map<string, NamedChain>();
  for (const chain of to.chains) chains.set(chain.name, united(chains.get(chain.name), chain));
  return { lists: to.lists, chains: [...chains.values()] };
}

/** One chain of two sessions that may have it for different address families. */
function united(one: NamedChain | undefined, other: NamedChain): NamedChain {
  if (one === undefined) return other;
  const rules = [...one.rules, ...other.rules.filter(({ list }) => !one.families.includes(list.family))];
  return { ...one, rules, families: familiesOf(rules) };
}

/** What `to` has and `from` has not by name, of what our texts write. */
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
  const [old, next] = [from, to].map(({ chains, passed }) => {
    const here = [...passed, ...chains].filter(({ families }) => family === null || families.includes(family));
    return new Map(here.map((chain) => [`${chain.session} ${chain.direction}`, chain]));
  });
  return sessions.flatMap((session) =>
    DIRECTIONS.flatMap((direction): Move<S>[] => {
      const [was, is] = [old, next].map((chains) => chains.get(`${session.name} ${direction}`) ?? null);
      return was?.name === is?.name ? [] : [{ session, direction, was, is }];
    }),
  );
}

/** A list of ours that stays, with other prefixes. */
export interface ListEdit {
  readonly list: NamedList;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/**
 * Where a prefix goes from one list to another, it has to be added to all lists before it is removed from any: on the way
 * it is then treated as before or as it is to be.
 */
export function listEdits(from: NamedPolicy, to: NamedPolicy): ListEdit[] {
  const present = new Map(from.lists.map((list) => [list.name, list.prefixes]));
  return to.lists.flatMap((list): ListEdit[] => {
    const was = present.get(list.name);
    if (was === undefined || was === list.prefixes || !isWrittenName(list.name)) return [];
    const [old, next] = [new Set(was), new Set(list.prefixes)];
    const added = list.prefixes.filter((prefix) => !old.has(prefix));
    const removed = was.filter((prefix) => !next.has(prefix));
    return added.length + removed.length === 0 ? [] : [{ list, added, removed }];
  });
}

/** What texts define and attach, and the policy that it stands for. */
import { DIRECTIONS, type Direction, type Family, ordered, type SessionPolicy } from '../document.ts';
import { familiesOf, isOwnName, type NamedChain, type NamedRule, type Uncalled } from './named-policy.ts';
import type { ReadList } from './read-list.ts';
import type { RenderedSession } from './renderer.ts';
import { type ReadRule, textFault } from './rule-text.ts';

export interface ReadChain {
  readonly line: number;
  readonly rules: ReadRule[];
  base: string | null;
}

export interface Attachment {
  readonly line: number;
  readonly session: RenderedSession;
  readonly direction: Direction;
  readonly chain: string;
  /** Null where it holds for both. */
  readonly family: Family | null;
}

export interface Collected {
  readonly lists: ReadonlyMap<string, ReadList>;
  readonly chains: ReadonlyMap<string, ReadChain>;
  /** By `placeOf`. */
  readonly attachments: ReadonlyMap<string, Attachment>;
  /** Name of the chain that takes every route. */
  readonly pass: string | null;
}

/** Chains of the sessions; `inUse`: lists and chains that they need, by kind and name. */
export function chainsIn(
  collected: Collected,
  sessions: readonly RenderedSession[],
): { readonly chains: readonly NamedChain[]; readonly inUse: ReadonlySet<string> } {
  const inUse = new Set<string>();
  const chains = sessions.flatMap((session) =>
    DIRECTIONS.flatMap((direction) => chainOf(collected, session, direction, inUse) ?? []),
  );
  return { chains, inUse };
}

export function sessionPolicies(chains: readonly NamedChain[]): SessionPolicy[] {
  const rulesIn = (session: string, direction: Direction) =>
    chains.find((one) => one.session === session && one.direction === direction)?.rules.map(({ rule }) => rule) ?? [];
  return [...new Set(chains.map(({ session }) => session))]
    .sort()
    .map((session) => ({ session, import: rulesIn(session, 'import'), export: rulesIn(session, 'export') }));
}

/** Chains of sessions whose base policy has no say in them. */
export function uncalled({ attachments, chains }: Collected): Uncalled[] {
  return [...attachments.values()].flatMap(({ session, direction, family, chain }) => {
    const base = session.base?.[direction] ?? null;
    return base === null || chain === base || chains.get(chain)?.base === base
      ? []
      : [{ session: session.name, direction, family, chain }];
  });
}

export function chainAt(chains: ReadonlyMap<string, ReadChain>, name: string, line: number): ReadChain {
  const chain = chains.get(name);
  if (chain === undefined) throw textFault(line, `${name} is not defined`);
  return chain;
}

function chainOf(
  collected: Collected,
  session: RenderedSession,
  direction: Direction,
  inUse: Set<string>,
): NamedChain | null {
  const base = session.base?.[direction] ?? null;
  const here = ([null, 4, 6] as const).flatMap((family) => {
    const attachment = collected.attachments.get(placeOf(session, direction, family));
    if (attachment === undefined) return [];
    inUse.add(`chain ${attachment.chain}`);
    // What the operator's own policy says is left to it.
    return attachment.chain === base ? [] : [attachment];
  });
  const ours = here.filter(({ chain }) => chain !== collected.pass);
  for (const { chain, line } of here) chainAt(collected.chains, chain, line);
  if (ours.length === 0) return null;
  const [{ chain: name, line }] = ours;
  const other = ours.find(({ chain }) => chain !== name);
  if (other !== undefined) throw textFault(other.line, `${session.name} has ${name} already`);
  const chain = chainAt(collected.chains, name, line);
  if (chain.base !== null && chain.base !== base) {
    throw textFault(chain.line, `${name} calls ${chain.base}, which is not named as policy of ${session.name}`);
  }
  const rules = rulesOf(collected, name, chain, inUse).filter(({ list }) =>
    ours.some(({ family }) => family === null || family === list.family),
  );
  if (rules.length === 0) return null;
  const families = familiesOf(rules);
  return { name, session: session.name, direction, rules, families, base: chain.base, isElsewhere: false };
}

/** Chains end in a rule for every other route, which takes it as it is. */
function rulesOf(
  { lists }: Collected,
  name: string,
  { line: definedAt, rules }: ReadChain,
  inUse: Set<string>,
): NamedRule[] {
  const last = rules.at(-1);
  if (last === undefined || last.list !== null || last.action !== 'accept' || Object.keys(last.set).length > 0) {
    throw textFault(last?.line ?? definedAt, `${name} does not end by accepting all other routes as they are`);
  }
  return rules.slice(0, -1).map(({ line, list, family, action, set }) => {
    if (list === null) throw textFault(line, `${name} has a rule for every route before its end`);
    const members = lists.get(list);
    if (members === undefined) throw textFault(line, `${list} is not defined`);
    inUse.add(`list ${list}`);
    if (family !== null && family !== members.family) throw textFault(line, `${list} is of the other address family`);
    if (action === null) throw textFault(line, `${name} has a rule that neither accepts nor rejects`);
    const { prefixes } = members;
    const rule = { prefixes: prefixes as string[], action, set: ordered(set), isOwn: isOwnName(list) };
    return { rule, list: { name: list, family: members.family, prefixes } };
  });
}

export function placeOf({ name }: RenderedSession, direction: Direction, family: Family | null): string {
  return `${name} ${direction} ${family}`;
}

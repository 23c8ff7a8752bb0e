/** Collects what the text of a policy defines and attaches, and gives the policy that it stands for. */
import { EgressoError } from '../../errors.ts';
import { parsePrefix } from '../../model/ip-prefix.ts';
import { ORIGINS } from '../../model/network-model.ts';
import {
  DIRECTIONS,
  type Direction,
  ordered,
  type PolicyRule,
  type RouteChange,
  type RouterPolicy,
} from '../document.ts';
import { type Family, familyOfPrefix, isOwnName } from './named-policy.ts';
import type { RenderContext, RenderedSession } from './renderer.ts';

export interface ReadRule {
  readonly line: number;
  /** Lists of prefixes that it matches; null where it matches every route. */
  list: string | null;
  action: 'accept' | 'reject' | null;
  set: RouteChange;
}

type Origin = (typeof ORIGINS)[number];

interface Attachment {
  readonly line: number;
  readonly session: RenderedSession;
  readonly direction: Direction;
  readonly chain: string;
  /** Null where it holds for both. */
  readonly family: Family | null;
}

export class PolicyReader {
  readonly #router: string;
  readonly #sessions: readonly RenderedSession[];
  readonly #lists = new Map<string, string[]>();
  /** Line of the definition of every list and chain that nothing has used yet. */
  readonly #unused = new Map<string, number>();
  readonly #chains = new Map<string, ReadRule[]>();
  readonly #attachments: Attachment[] = [];

  constructor(router: string, { sessions }: RenderContext) {
    this.#router = router;
    this.#sessions = sessions;
  }

  hasList(name: string): boolean {
    return this.#lists.has(name);
  }

  hasChain(name: string): boolean {
    return this.#chains.has(name);
  }

  addPrefix(list: string, prefix: string, line: number): void {
    const parsed = parsePrefix(prefix);
    if (!('canonical' in parsed)) throw textFault(line, `expected ${parsed.expected}, not ${JSON.stringify(prefix)}`);
    const members = this.#lists.get(list) ?? [];
    if (members.length === 0) this.#unused.set(`list ${list}`, line);
    if (members.length > 0 && familyOfPrefix(members[0]) !== familyOfPrefix(parsed.canonical)) {
      throw textFault(line, `${list} has prefixes of both address families`);
    }
    members.push(parsed.canonical);
    this.#lists.set(list, members);
  }

  /** Length of the prefix that was added to a list last; -1 where there is none. */
  lastLength(list: string): number {
    const prefix = this.#lists.get(list)?.at(-1);
    return prefix === undefined ? -1 : Number(prefix.slice(prefix.indexOf('/') + 1));
  }

  openChain(name: string, line: number): void {
    if (this.#chains.has(name)) throw textFault(line, `${name} is defined twice`);
    this.#chains.set(name, []);
    this.#unused.set(`chain ${name}`, line);
  }

  /** A rule at the end of a chain, to be filled in by the caller. */
  addRule(chain: string, line: number): ReadRule {
    const rule: ReadRule = { line, list: null, action: null, set: {} };
    const rules = this.#chains.get(chain);
    if (rules === undefined) throw textFault(line, `${chain} is not defined`);
    rules.push(rule);
    return rule;
  }

  /** By name of the session or by address of its peer. */
  attach(key: string, direction: Direction, chain: string, family: Family | null, line: number): void {
    const session = this.#sessions.find(({ name, peerAddress }) => peerAddress === key || name === key);
    if (session === undefined) throw textFault(line, `${this.#router} has no session ${JSON.stringify(key)}`);
    this.#attachments.push({ line, session, direction, chain, family });
  }

  policy(): RouterPolicy {
    const bySession = new Map<string, Record<Direction, PolicyRule[]>>();
    for (const { name } of this.#sessions) {
      for (const direction of DIRECTIONS) {
        const here = this.#attachments.filter((one) => one.session.name === name && one.direction === direction);
        if (here.length === 0) continue;
        const [{ chain }] = here;
        const other = here.find((one) => one.chain !== chain);
        if (other !== undefined) throw textFault(other.line, `${name} has ${chain} already`);
        const rules = this.#rulesOf(chain, here[0].line).filter(({ prefixes }) =>
          here.some(({ family }) => family === null || family === familyOfPrefix(prefixes[0])),
        );
        if (rules.length === 0) continue;
        const policy = bySession.get(name) ?? { import: [], export: [] };
        policy[direction] = rules;
        bySession.set(name, policy);
      }
    }
    for (const [name, line] of this.#unused) throw textFault(line, `${name} is not used`);
    const sessions = [...bySession]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([session, policy]) => ({ session, ...policy }));
    return { router: this.#router, sessions };
  }

  /** Chains end in a rule for every other route, which takes it as it is. */
  #rulesOf(chain: string, usedAt: number): PolicyRule[] {
    const rules = this.#chains.get(chain);
    if (rules === undefined) throw textFault(usedAt, `${chain} is not defined`);
    this.#unused.delete(`chain ${chain}`);
    const last = rules.at(-1);
    if (last === undefined || last.list !== null || last.action !== 'accept' || Object.keys(last.set).length > 0) {
      throw textFault(last?.line ?? usedAt, `${chain} does not end by accepting all other routes as they are`);
    }
    return rules.slice(0, -1).map(({ line, list, action, set }) => {
      if (list === null) throw textFault(line, `${chain} has a rule for every route before its end`);
      const prefixes = this.#lists.get(list);
      if (prefixes === undefined) throw textFault(line, `${list} is not defined`);
      this.#unused.delete(`list ${list}`);
      if (action === null) throw textFault(line, `${chain} has a rule that neither accepts nor rejects`);
      return { prefixes, action, set: ordered(set), isOwn: isOwnName(list) };
    });
  }
}

/** Adds a community to what a rule sets. */
export function withCommunity(set: RouteChange, community: string): RouteChange {
  return { ...set, communities: [...(set.communities ?? []), community].sort() };
}

/** Every line that is neither empty nor a comment, trimmed, with its number from 1. */
export function* statements(text: string, comment: string): Generator<readonly [string, number]> {
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    const statement = line.trim();
    if (statement !== '' && !statement.startsWith(comment)) yield [statement, number];
  }
}

/** `names`: what the router OS calls the origins, in the order of `ORIGINS`. */
export function originNamed(text: string, line: number, names: readonly string[] = ORIGINS): Origin {
  const index = names.indexOf(text);
  if (index < 0) throw textFault(line, `expected an origin, not ${JSON.stringify(text)}`);
  return ORIGINS[index];
}

export function uint32(text: string, line: number): number {
  const value = /^(0|[1-9]\d{0,9})$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= 0xffffffff)) throw textFault(line, `expected a number of 32 bits, not ${JSON.stringify(text)}`);
  return value;
}

export function textFault(line: number, message: string): EgressoError {
  return new EgressoError('POLICY_INVALID', `line ${line}: ${message}`, [{ pointer: `/line/${line}`, message }]);
}

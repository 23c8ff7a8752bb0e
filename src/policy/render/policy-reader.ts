/** Collects what the texts of a router define, attach and remove, and gives the policy that it stands for. */
import { parsePrefix } from '../../model/ip-prefix.ts';
import { type Direction, type Family, familyOfPrefix } from '../document.ts';
import { type Attachment, chainAt, chainsIn, placeOf, type ReadChain, sessionPolicies, uncalled } from './collected.ts';
import { isWrittenName } from './named-policy.ts';
import { ReadList } from './read-list.ts';
import type { ReadPolicy, RenderContext, RenderedSession } from './renderer.ts';
import { type ReadRule, textFault } from './rule-text.ts';

export class PolicyReader {
  readonly #router: string;
  readonly #sessions: readonly RenderedSession[];
  /** Name of the chain that takes every route, which may be of no use. */
  readonly #pass: string | null;
  readonly #lists = new Map<string, ReadList>();
  readonly #chains = new Map<string, ReadChain>();
  readonly #attachments = new Map<string, Attachment>();
  /** Lists and chains that were of use: those of the operator may stay when they no longer are. */
  readonly #used = new Set<string>();

  constructor(router: string, { sessions }: RenderContext, pass: string | null = null) {
    this.#router = router;
    this.#sessions = sessions;
    this.#pass = pass;
  }

  hasList(name: string): boolean {
    return this.#lists.has(name);
  }

  hasChain(name: string): boolean {
    return this.#chains.has(name);
  }

  hasRules(chain: string): boolean {
    return (this.#chains.get(chain)?.rules.length ?? 0) > 0;
  }

  /** `family`: that of the list by the text; null where the text does not say. */
  addPrefix(list: string, prefix: string, line: number, family: Family | null = null): ReadList {
    const canonical = canonicalPrefix(prefix, line);
    const own = familyOfPrefix(canonical);
    const members = this.#lists.get(list) ?? new ReadList(line, family ?? own);
    if (members.family !== own || (family ?? own) !== own) {
      throw textFault(line, `${list} has prefixes of both address families`);
    }
    if (!members.add(canonical)) throw textFault(line, `${list} has ${canonical} already`);
    this.#lists.set(list, members);
    return members;
  }

  /** A list is gone with its last prefix. `family`: that of the list by the text; null where the text does not say. */
  removePrefix(list: string, prefix: string, line: number, family: Family | null = null): void {
    const members = this.#listOf(list, family);
    if (members?.remove(canonicalPrefix(prefix, line)) !== true)
      throw textFault(line, `${list} does not have ${prefix}`);
    if (members.isEmpty) this.#lists.delete(list);
  }

  /** What is defined next takes its place. */
  replaceList(name: string): void {
    this.#lists.delete(name);
  }

  removeList(name: string, line: number, family: Family | null = null): void {
    const user = [...this.#chains].find(([, { rules }]) => rules.some(({ list }) => list === name));
    if (user !== undefined) throw textFault(line, `${name} is used by ${user[0]}`);
    if (this.#listOf(name, family) === undefined) throw textFault(line, `${name} is not defined`);
    this.#lists.delete(name);
    this.#used.delete(`list ${name}`);
  }

  #listOf(name: string, family: Family | null): ReadList | undefined {
    const members = this.#lists.get(name);
    return family === null || members?.family === family ? members : undefined;
  }

  /** Length of the prefix that was added to a list last; -1 where there is none. */
  lastLength(list: string): number {
    const prefix = this.#lists.get(list)?.last ?? '';
    return prefix === '' ? -1 : Number(prefix.slice(prefix.indexOf('/') + 1));
  }

  openChain(name: string, line: number): void {
    if (this.#chains.has(name) && name !== this.#pass) throw textFault(line, `${name} is defined twice`);
    this.#chains.set(name, { line, rules: [], base: null });
  }

  removeChain(name: string, line: number): void {
    const user = [...this.#attachments.values()].find(({ chain }) => chain === name);
    if (user !== undefined) throw textFault(line, `${name} is used by ${user.session.name}`);
    if (!this.#chains.delete(name)) throw textFault(line, `${name} is not defined`);
    this.#used.delete(`chain ${name}`);
  }

  /** A rule at the end of a chain, to be filled in by the caller. */
  addRule(chain: string, line: number): ReadRule {
    const rule: ReadRule = { line, list: null, family: null, action: null, set: {} };
    chainAt(this.#chains, chain, line).rules.push(rule);
    return rule;
  }

  /** The policy that has its say before the rules of a chain. */
  call(chain: string, base: string, line: number): void {
    const calling = chainAt(this.#chains, chain, line);
    if (calling.base !== null && calling.base !== base) throw textFault(line, `${chain} calls ${calling.base} already`);
    calling.base = base;
  }

  /** Session by name, by group, or by address of its peer. */
  session(key: string, line: number): RenderedSession {
    const session =
      this.#sessions.find(({ peerAddress }) => peerAddress === key) ??
      this.#sessions.find(({ name, group = name, peerAddress }) => peerAddress === null && group === key);
    if (session === undefined) throw textFault(line, `${this.#router} has no session ${JSON.stringify(key)}`);
    return session;
  }

  /** In place of what the session has. */
  attach(key: string, direction: Direction, chain: string, family: Family | null, line: number): void {
    const session = this.session(key, line);
    this.#attachments.set(placeOf(session, direction, family), { line, session, direction, chain, family });
  }

  /** For router OSes whose texts name sessions, not peers. */
  attachByName(name: string, direction: Direction, chain: string, line: number): void {
    const session = this.#sessions.find((one) => one.name === name);
    if (session === undefined) throw textFault(line, `${this.#router} has no session ${JSON.stringify(name)}`);
    this.#attachments.set(placeOf(session, direction, null), { line, session, direction, chain, family: null });
  }

  detach(key: string, direction: Direction, chain: string, family: Family | null, line: number): void {
    const session = this.session(key, line);
    if (this.attached(session, direction, family) !== chain) throw textFault(line, `${key} does not have ${chain}`);
    this.#attachments.delete(placeOf(session, direction, family));
  }

  /** Name of the chain of a session, or null. */
  attached(session: RenderedSession, direction: Direction, family: Family | null): string | null {
    return this.#attachments.get(placeOf(session, direction, family))?.chain ?? null;
  }

  read(): ReadPolicy {
    const collected = { lists: this.#lists, chains: this.#chains, attachments: this.#attachments, pass: this.#pass };
    const { chains, inUse } = chainsIn(collected, this.#sessions);
    for (const kind of ['list', 'chain'] as const) {
      for (const [name, { line }] of kind === 'list' ? this.#lists : this.#chains) {
        const key = `${kind} ${name}`;
        if (inUse.has(key)) this.#used.add(key);
        else if (name !== this.#pass && (isWrittenName(name) || !this.#used.has(key))) {
          throw textFault(line, `${name} is not used`);
        }
      }
    }
    const policy = { router: this.#router, sessions: sessionPolicies(chains) };
    return { policy, chains, uncalled: uncalled(collected) };
  }
}

function canonicalPrefix(text: string, line: number): string {
  const parsed = parsePrefix(text);
  if (!('canonical' in parsed)) throw textFault(line, `expected ${parsed.expected}, not ${JSON.stringify(text)}`);
  return parsed.canonical;
}

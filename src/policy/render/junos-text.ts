/** Reads the `set` and `delete` commands that `junos.ts` writes. */
import type { RouteChange } from '../document.ts';
import { isOwnName, isWrittenName, type NamedChain } from './named-policy.ts';
import { PolicyReader } from './policy-reader.ts';
import type { ReadPolicy, RenderContext, RouterState } from './renderer.ts';
import {
  addChange,
  matchList,
  originNamed,
  prependedPath,
  type ReadRule,
  readCommunity,
  statements,
  textFault,
  uint32,
  withCommunity,
} from './rule-text.ts';

/** What an export policy accepts would be told whatever protocol it is of: BGP by itself tells its own routes alone. */
export const BGP_ONLY = 'protocol bgp';

/** The policy that asks the operator's in front of a chain. */
export const gateName = (chain: string): string => `${chain}-BASE`;

/** Those that chains add: they are defined under names. */
export function communitiesIn(chains: readonly NamedChain[]): string[] {
  return [...new Set(chains.flatMap(({ rules }) => rules.flatMap(({ rule }) => rule.set.communities ?? [])))].sort();
}

const LIST = /^set policy-options prefix-list (\S+) (\S+)$/;
const REMOVED_MEMBER = /^delete policy-options prefix-list (\S+) (\S+)$/;
const COMMUNITY = /^set policy-options community (\S+) members (large:)?(\S+)$/;
const TERM =
  /^set policy-options policy-statement (\S+) term (\S+) (?:from (prefix-list|policy|protocol) (\S+)|then (.+))$/;
const ATTACHMENT = /^(set|delete) protocols bgp group (\S+?)(?: neighbor (\S+))? (import|export)(?: (\S+))?$/;
const REMOVAL = /^delete policy-options (prefix-list|community|policy-statement) (\S+)$/;
const STATEMENTS = [LIST, REMOVED_MEMBER, COMMUNITY, TERM, ATTACHMENT, REMOVAL];

/** A policy that asks another one: its terms have come as far as this. */
interface Gate {
  readonly base: string;
  readonly line: number;
  isOpen: boolean;
  isEnded: boolean;
}

export class JunosText implements RouterState {
  readonly #reader: PolicyReader;
  readonly #communities = new Map<string, { readonly community: string; readonly line: number }>();
  readonly #gates = new Map<string, Gate>();
  /** Rules for routes of BGP alone. */
  readonly #ofBgp = new Set<ReadRule>();
  /** Line of a rule of a plan that accepts routes of any protocol, by chain; and of one that accepts all that are left. */
  readonly #ofAny = new Map<string, number>();
  readonly #others = new Map<string, number>();
  /** Policies of each session and direction, in their order. */
  readonly #policies = new Map<string, string[]>();
  #chain = '';
  #term = '';
  #rule: ReadRule | null = null;

  constructor(router: string, context: RenderContext) {
    this.#reader = new PolicyReader(router, context);
  }

  take(text: string): void {
    this.#chain = '';
    for (const [statement, line] of statements(text, '#')) {
      const [list, member, community, term, attached, removed] = STATEMENTS.map((one) => one.exec(statement));
      if (list !== null) this.#reader.addPrefix(list[1], list[2], line);
      else if (member !== null) this.#reader.removePrefix(member[1], member[2], line);
      else if (community !== null) this.#define(community, line);
      else if (term !== null) this.#inTerm(term, line);
      else if (attached !== null) this.#attach(attached, line);
      else if (removed !== null) this.#remove(removed, line);
      else throw textFault(line, `cannot read ${JSON.stringify(statement)}`);
    }
  }

  read(): ReadPolicy {
    for (const [name, { line, isEnded }] of this.#gates) {
      if (!isEnded) throw textFault(line, `${name} does not reject what is not accepted`);
      if (![...this.#policies.values()].some((policies) => policies.includes(name))) {
        throw textFault(line, `${name} is not used`);
      }
    }
    for (const [place, policies] of this.#policies) {
      if (place.endsWith(' export')) for (const name of policies) this.#checkTold(name, policies);
    }
    const read = this.#reader.read();
    const used = new Set(communitiesIn(read.chains.filter(({ name }) => isWrittenName(name))));
    for (const [name, { community, line }] of this.#communities) {
      if (isWrittenName(name) && !used.has(community)) throw textFault(line, `${name} is not used`);
    }
    return read;
  }

  #checkTold(name: string, policies: readonly string[]): void {
    // The gate has decided what is told.
    const others = policies.includes(gateName(name)) ? undefined : this.#others.get(name);
    const line = this.#ofAny.get(name) ?? others;
    if (line !== undefined) throw textFault(line, `${name} tells routes of other protocols than BGP`);
  }

  #define([, name, large, community]: readonly string[], line: number): void {
    if (this.#communities.has(name)) throw textFault(line, `${name} is defined twice`);
    this.#communities.set(name, { community: readCommunity(community, large === undefined ? 2 : 3, line), line });
  }

  #remove([, kind, name]: readonly string[], line: number): void {
    if (kind === 'prefix-list') this.#reader.removeList(name, line);
    else if (kind === 'community') {
      if (!this.#communities.delete(name)) throw textFault(line, `${name} is not defined`);
    } else if (this.#gates.has(name)) this.#gates.delete(name);
    else {
      this.#reader.removeChain(name, line);
      this.#ofAny.delete(name);
      this.#others.delete(name);
    }
  }

  /** One policy, alone or behind its gate, or behind the operator's where it was written before that was named. */
  #attach([, verb, group, peer, side, name]: readonly string[], line: number): void {
    const direction = side === 'import' ? 'import' : 'export';
    const key = peer ?? group;
    const session = this.#reader.session(key, line);
    if ((session.group ?? session.name) !== group) {
      throw textFault(line, `${session.name} is not of group ${JSON.stringify(group)}`);
    }
    const place = `${session.name} ${direction}`;
    const policies = this.#policies.get(place) ?? [];
    const previous = policies.at(-1);
    if (verb === 'set') {
      if (name === undefined) throw textFault(line, 'expected the name of a policy');
      const gate = previous === undefined ? undefined : this.#gates.get(previous);
      const isBehind = gate !== undefined || previous === session.base?.[direction];
      if (policies.length > (isBehind ? 1 : 0)) throw textFault(line, `${key} has ${previous} already`);
      if (gate !== undefined) this.#pass(previous as string, gate, name, line);
      policies.push(name);
    } else if (name === undefined) policies.length = 0;
    else {
      if (!policies.includes(name)) throw textFault(line, `${key} does not have ${name}`);
      policies.splice(policies.indexOf(name), 1);
    }
    this.#policies.set(place, policies);
    const attached = this.#reader.attached(session, direction, null);
    const last = policies.at(-1);
    if (attached !== null && attached !== last) this.#reader.detach(key, direction, attached, null, line);
    if (last !== undefined && !this.#gates.has(last)) this.#reader.attach(key, direction, last, null, line);
  }

  #pass(name: string, gate: Gate, chain: string, line: number): void {
    if (name !== gateName(chain)) throw textFault(line, `${name} is not for ${chain}`);
    this.#reader.call(chain, gate.base, line);
  }

  #inTerm([, chain, term, kind, name, action]: readonly string[], line: number): void {
    if (kind === 'policy') {
      if (this.#gates.has(chain) || this.#reader.hasChain(chain)) throw textFault(line, `${chain} is defined twice`);
      this.#gates.set(chain, { base: name, line, isOpen: false, isEnded: false });
      return;
    }
    const gate = this.#gates.get(chain);
    if (gate !== undefined) {
      inGate(gate, term, action, line);
      return;
    }
    if (chain !== this.#chain) this.#reader.openChain(chain, line);
    if (chain !== this.#chain || term !== this.#term) this.#rule = this.#reader.addRule(chain, line);
    this.#chain = chain;
    this.#term = term;
    const rule = this.#rule;
    if (rule === null) return;
    if (rule.action !== null) throw textFault(line, 'an action that is never reached');
    if (kind === 'protocol') {
      if (`protocol ${name}` !== BGP_ONLY || !isWrittenName(chain))
        throw textFault(line, `cannot read protocol ${name}`);
      this.#ofBgp.add(rule);
    } else if (kind !== undefined) matchList(rule, name, null, line);
    else if (action === 'next policy') {
      if (rule.list !== null) throw textFault(line, 'other policies would have their say');
      rule.action = 'accept';
    } else if (action === 'accept' || action === 'reject') {
      rule.action = action;
      if (action === 'accept' && isWrittenName(chain)) this.#accept(chain, rule, line);
    } else this.#change(rule, action, line);
  }

  #accept(chain: string, rule: ReadRule, line: number): void {
    if (rule.list === null) this.#others.set(chain, line);
    else if (isOwnName(rule.list) && !this.#ofBgp.has(rule)) this.#ofAny.set(chain, line);
  }

  #change(rule: ReadRule, action: string, line: number): void {
    const [what, ...words] = action.split(' ');
    const value = words.join(' ');
    if (what === 'community') {
      const known = words[0] === 'add' ? this.#communities.get(words[1]) : undefined;
      if (known === undefined) throw textFault(line, `community ${words[1]} is not defined`);
      rule.set = withCommunity(rule.set, known.community);
      return;
    }
    const change = CHANGES[what];
    if (change === undefined) throw textFault(line, `cannot read ${JSON.stringify(action)}`);
    addChange(rule, change(value, line), line);
  }
}

function inGate(gate: Gate, term: string, action: string | undefined, line: number): void {
  if (action === 'next policy' && term === '1' && !gate.isOpen) gate.isOpen = true;
  else if (action === 'reject' && term === 'others' && gate.isOpen && !gate.isEnded) gate.isEnded = true;
  else throw textFault(line, 'more than to reject what another policy rejects');
}

const CHANGES: Readonly<Record<string, (value: string, line: number) => RouteChange>> = {
  'local-preference': (value, line) => ({ localPref: uint32(value, line) }),
  metric: (value, line) => ({ med: uint32(value, line) }),
  origin: (value, line) => ({ origin: originNamed(value, line) }),
  'as-path-prepend': (value, line) => prependedPath(value.replace(/^"(.*)"$/, '$1').split(' '), line),
};

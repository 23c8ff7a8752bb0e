/** Reads the configuration that `iosxr.ts` writes. */
import type { Family, RouteChange } from '../document.ts';
import { passName } from './named-policy.ts';
import { PolicyReader } from './policy-reader.ts';
import type { ReadPolicy, RenderContext, RouterState } from './renderer.ts';
import {
  addChange,
  matchList,
  originNamed,
  prepended,
  type ReadRule,
  readCommunity,
  statements,
  textFault,
  uint32,
  withCommunity,
} from './rule-text.ts';

export const PASS = passName('_');

type Statement = readonly [RegExp, (match: readonly string[], line: number) => void];

/** The route-policy at hand: one choice, alone or where the operator's policy passes the route. */
interface OpenChain {
  readonly name: string;
  /** What may come next: see `#inChain`. */
  state: 'start' | 'choice' | 'last' | 'chosen' | 'refusal' | 'refused' | 'end';
  isCalled: boolean;
  rule: ReadRule | null;
}

export class IosxrText implements RouterState {
  readonly #reader: PolicyReader;
  /** Sets of the text at hand. */
  readonly #defined = new Set<string>();
  #list: { readonly name: string; isOpen: boolean } | null = null;
  #chain: OpenChain | null = null;
  #peer = '';
  #family: Family | null = null;
  /** Policies and sets can be removed here. */
  #isAtRoot = true;

  constructor(router: string, context: RenderContext) {
    this.#reader = new PolicyReader(router, context, PASS);
  }

  readonly #top: readonly Statement[] = [
    [/^prefix-set (\S+)$/, (match, line) => this.#openList(match, line)],
    [/^route-policy (\S+)$/, (match, line) => this.#openChain(match, line)],
    [/^router bgp(?: \d+)?$/, () => this.#openSessions()],
    [/^root$/, () => this.#leave()],
    [/^neighbor(?:-group)? (\S+)$/, (match) => this.#openPeer(match)],
    [/^address-family ipv([46]) unicast$/, (match) => this.#openFamily(match)],
    [/^route-policy (\S+) (in|out)$/, (match, line) => this.#attach(match, line)],
    [/^no (route-policy|prefix-set) (\S+)$/, (match, line) => this.#remove(match, line)],
  ];

  take(text: string): void {
    this.#leave();
    this.#defined.clear();
    let last = 1;
    for (const [statement, line] of statements(text, '!')) {
      last = line;
      if (this.#list !== null) this.#inList(this.#list, statement, line);
      else if (this.#chain !== null) this.#inChain(this.#chain, statement, line);
      else this.#atTop(statement, line);
    }
    if (this.#list !== null || this.#chain !== null) throw textFault(last, 'the text ends too early');
  }

  read(): ReadPolicy {
    return this.#reader.read();
  }

  #atTop(statement: string, line: number): void {
    const known = this.#top.find(([pattern]) => pattern.test(statement));
    if (known === undefined) throw textFault(line, `cannot read ${JSON.stringify(statement)}`);
    const [pattern, take] = known;
    take(pattern.exec(statement) ?? [], line);
  }

  #openList([, name]: readonly string[], line: number): void {
    if (this.#defined.has(name)) throw textFault(line, `${name} is defined twice`);
    this.#defined.add(name);
    this.#reader.replaceList(name);
    this.#list = { name, isOpen: true };
  }

  #openChain([, name]: readonly string[], line: number): void {
    this.#reader.openChain(name, line);
    this.#chain = { name, state: 'start', isCalled: false, rule: null };
  }

  #openSessions(): void {
    this.#isAtRoot = false;
  }

  #leave(): void {
    this.#isAtRoot = true;
    this.#peer = '';
    this.#family = null;
  }

  #openPeer([, peer]: readonly string[]): void {
    this.#peer = peer;
    this.#family = null;
  }

  #openFamily([, family]: readonly string[]): void {
    this.#family = family === '4' ? 4 : 6;
  }

  #attach([, chain, side]: readonly string[], line: number): void {
    if (this.#family === null) throw textFault(line, 'a route-policy outside an address family');
    this.#reader.attach(this.#peer, side === 'in' ? 'import' : 'export', chain, this.#family, line);
  }

  #remove([, kind, name]: readonly string[], line: number): void {
    if (!this.#isAtRoot) throw textFault(line, `${kind} ${name} is not removed here`);
    if (kind === 'prefix-set') this.#reader.removeList(name, line);
    else this.#reader.removeChain(name, line);
  }

  #inList(list: { readonly name: string; isOpen: boolean }, statement: string, line: number): void {
    if (statement === 'end-set') {
      if (list.isOpen) throw textFault(line, `${list.name} ends in a comma, or is empty`);
      this.#list = null;
      return;
    }
    if (!list.isOpen) throw textFault(line, 'expected a comma before this');
    list.isOpen = statement.endsWith(',');
    this.#reader.addPrefix(list.name, statement.replace(/,$/, ''), line);
  }

  #inChain(chain: OpenChain, statement: string, line: number): void {
    const [, base] = /^if apply (\S+) then$/.exec(statement) ?? [];
    const [, otherwise, list] = /^(else)?if destination in (\S+) then$/.exec(statement) ?? [];
    const { name, state } = chain;
    if (base !== undefined && state === 'start' && !chain.isCalled) {
      this.#reader.call(name, base, line);
      chain.isCalled = true;
    } else if (list !== undefined && state === (otherwise === undefined ? 'start' : 'choice')) {
      chain.state = 'choice';
      this.#openRule(chain, list, line);
    } else if (statement === 'else' && state === 'choice') {
      chain.state = 'last';
      this.#openRule(chain, null, line);
    } else if (statement === 'endif' && state === 'last') chain.state = chain.isCalled ? 'chosen' : 'end';
    else if (statement === 'else' && state === 'chosen') chain.state = 'refusal';
    else if (statement === 'drop' && state === 'refusal') chain.state = 'refused';
    else if (statement === 'endif' && state === 'refused') chain.state = 'end';
    else if (statement === 'pass' && state === 'start' && !chain.isCalled) {
      this.#reader.addRule(name, line).action = 'accept';
      chain.state = 'end';
    } else if (statement === 'end-policy' && state === 'end') this.#chain = null;
    else if (state === 'choice' || state === 'last') this.#act(chain, statement, line);
    else throw textFault(line, `cannot read ${JSON.stringify(statement)} here`);
  }

  #openRule(chain: OpenChain, list: string | null, line: number): void {
    chain.rule = this.#reader.addRule(chain.name, line);
    if (list !== null) matchList(chain.rule, list, null, line);
  }

  #act({ rule }: OpenChain, statement: string, line: number): void {
    if (rule === null || rule.action !== null) throw textFault(line, 'an action that is never reached');
    if (statement === 'pass' || statement === 'drop') rule.action = statement === 'pass' ? 'accept' : 'reject';
    else change(rule, statement, line);
  }
}

type Change = (match: readonly string[], line: number) => RouteChange;

const CHANGES: readonly (readonly [RegExp, Change])[] = [
  [/^set local-preference (\d+)$/, ([, value], line) => ({ localPref: uint32(value, line) })],
  [/^set med (\d+)$/, ([, value], line) => ({ med: uint32(value, line) })],
  [/^set origin (\w+)$/, ([, value], line) => ({ origin: originNamed(value, line) })],
  [/^prepend as-path (\d+) (\d+)$/, ([, asn, count], line) => prepended(uint32(asn, line), uint32(count, line), line)],
];
const COMMUNITY = /^set (large-)?community \(([\d:]+)\) additive$/;

function change(rule: ReadRule, statement: string, line: number): void {
  const [, large, community] = COMMUNITY.exec(statement) ?? [];
  if (community !== undefined) {
    rule.set = withCommunity(rule.set, readCommunity(community, large === undefined ? 2 : 3, line));
    return;
  }
  const known = CHANGES.find(([pattern]) => pattern.test(statement));
  if (known === undefined) throw textFault(line, `cannot read ${JSON.stringify(statement)}`);
  const [pattern, take] = known;
  addChange(rule, take(pattern.exec(statement) ?? [], line), line);
}

/** Reads the file that `bird.ts` writes. */
import type { EgressoError } from '../../errors.ts';
import type { Direction, Family, RouteChange } from '../document.ts';
import { isOwnName } from './named-policy.ts';
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

/** Routes of the IGP and of interfaces are in the same table; neighbors are told none of them. */
export const BGP_ONLY = 'if source != RTS_BGP then reject;';
/** In front of the conditions of a rule. */
export const OF_BGP = 'source = RTS_BGP && ';
const ORIGIN_NAMES = ['ORIGIN_IGP', 'ORIGIN_EGP', 'ORIGIN_INCOMPLETE'];

const LIST = /^define (\w+) = \[$/;
const MEMBER = /^([0-9a-f.:]+\/\d+)(,?)$/;
const FILTER = /^filter (import|export)_(\w+) \{$/;
const CALL = /^if ! (\S+)\(\) then reject;$/;
const RULE = /^if (source = RTS_BGP && )?net\.type = NET_IP([46]) && net ~ (\w+) then \{ (.*) \}$/;

interface OpenFilter {
  readonly name: string;
  readonly direction: Direction;
  /** Other routes than those of BGP go no further. */
  isGuarded: boolean;
  isCalled: boolean;
  isEnded: boolean;
}

export class BirdText implements RouterState {
  readonly #reader: PolicyReader;
  #list: { readonly name: string; isOpen: boolean } | null = null;
  #filter: OpenFilter | null = null;

  constructor(router: string, context: RenderContext) {
    this.#reader = new PolicyReader(router, context);
  }

  take(text: string): void {
    let last = 1;
    for (const [statement, line] of statements(text, '#')) {
      last = line;
      if (this.#list !== null) this.#inList(this.#list, statement, line);
      else if (this.#filter !== null) this.#inFilter(this.#filter, statement, line);
      else this.#open(statement, line);
    }
    if (this.#list !== null || this.#filter !== null) throw textFault(last, 'the text ends too early');
  }

  read(): ReadPolicy {
    return this.#reader.read();
  }

  #open(statement: string, line: number): void {
    const [, list] = LIST.exec(statement) ?? [];
    const [, direction, key] = FILTER.exec(statement) ?? [];
    if (list !== undefined) {
      if (this.#reader.hasList(list)) throw textFault(line, `${list} is defined twice`);
      this.#list = { name: list, isOpen: true };
    } else if (direction === 'import' || direction === 'export') {
      const name = `${direction}_${key}`;
      this.#reader.openChain(name, line);
      this.#reader.attachByName(key, direction, name, line);
      this.#filter = { name, direction, isGuarded: direction === 'import', isCalled: false, isEnded: false };
    } else throw textFault(line, `cannot read ${JSON.stringify(statement)}`);
  }

  #inList(list: { readonly name: string; isOpen: boolean }, statement: string, line: number): void {
    if (statement === '];') {
      if (list.isOpen) throw textFault(line, `${list.name} ends in a comma, or is empty`);
      this.#list = null;
      return;
    }
    const [, prefix, comma] = MEMBER.exec(statement) ?? [];
    if (prefix === undefined) throw textFault(line, `expected a prefix, not ${JSON.stringify(statement)}`);
    if (!list.isOpen) throw textFault(line, 'expected a comma before this');
    list.isOpen = comma === ',';
    this.#reader.addPrefix(list.name, prefix, line);
  }

  #inFilter(filter: OpenFilter, statement: string, line: number): void {
    if (statement === BGP_ONLY && !this.#reader.hasRules(filter.name) && !filter.isCalled) {
      filter.isGuarded = true;
      return;
    }
    const isCall = CALL.test(statement);
    if (!filter.isGuarded && !filter.isCalled && !isCall) throw openTo(filter, line);
    if (statement === '}') {
      if (!filter.isEnded) throw textFault(line, `${filter.name} does not say what happens to other routes`);
      this.#filter = null;
      return;
    }
    if (filter.isEnded) throw textFault(line, 'a statement that is never reached');
    const [, base] = CALL.exec(statement) ?? [];
    if (isCall && !this.#reader.hasRules(filter.name) && !filter.isCalled) {
      this.#reader.call(filter.name, base, line);
      filter.isCalled = true;
      return;
    }
    const rule = this.#reader.addRule(filter.name, line);
    if (statement === 'accept;') {
      rule.action = 'accept';
      filter.isEnded = true;
      return;
    }
    const [, ofBgp, family, list, actions] = RULE.exec(statement) ?? [];
    if (list === undefined) throw textFault(line, `cannot read ${JSON.stringify(statement)}`);
    if (!filter.isGuarded && ofBgp === undefined && isOwnName(list)) throw openTo(filter, line);
    // In BIRD a name has to be defined above its use.
    if (!this.#reader.hasList(list)) throw textFault(line, `${list} is not defined`);
    matchList(rule, list, Number(family) as Family, line);
    for (const action of actions.split(/(?<=;) /)) take(rule, action, line);
  }
}

function openTo({ name }: OpenFilter, line: number): EgressoError {
  return textFault(line, `${name} would export routes that are not of BGP`);
}

type Action = readonly [RegExp, (value: string, line: number) => RouteChange];

const ACTIONS: readonly Action[] = [
  [/^bgp_local_pref = (\d+);$/, (value, line) => ({ localPref: uint32(value, line) })],
  [/^bgp_med = (\d+);$/, (value, line) => ({ med: uint32(value, line) })],
  [/^bgp_origin = (\w+);$/, (value, line) => ({ origin: originNamed(value, line, ORIGIN_NAMES) })],
];
const PREPEND = /^bgp_path\.prepend\((\d+)\);$/;
const COMMUNITY = /^bgp_(large_)?community\.add\(\(([\d, ]+)\)\);$/;

function take(rule: ReadRule, action: string, line: number): void {
  if (rule.action !== null) throw textFault(line, 'an action that is never reached');
  if (action === 'accept;' || action === 'reject;') {
    rule.action = action === 'accept;' ? 'accept' : 'reject';
    return;
  }
  const [, asn] = PREPEND.exec(action) ?? [];
  const [, large, community] = COMMUNITY.exec(action) ?? [];
  if (asn !== undefined) rule.set = { ...rule.set, ...oneMore(rule, uint32(asn, line), line) };
  else if (community !== undefined) {
    const text = community.split(', ').join(':');
    rule.set = withCommunity(rule.set, readCommunity(text, large === undefined ? 2 : 3, line));
  } else {
    const known = ACTIONS.find(([pattern]) => pattern.test(action));
    if (known === undefined) throw textFault(line, `cannot read ${JSON.stringify(action)}`);
    const [pattern, change] = known;
    addChange(rule, change(pattern.exec(action)?.[1] ?? '', line), line);
  }
}

function oneMore({ set: { prepend } }: ReadRule, asn: number, line: number): RouteChange {
  if (prepend !== undefined && prepend.asn !== asn) throw textFault(line, 'expected one AS number, repeated');
  return prepended(asn, (prepend?.count ?? 0) + 1, line);
}

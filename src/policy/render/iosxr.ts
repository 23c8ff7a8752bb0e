/**
 * IOS-XR: prefix-sets and route-policies, and the neighbors that use them. A commit takes all of it in one step. A session
 * whose address is not known is a neighbor-group of its name.
 *
 * An eBGP neighbor without a route-policy in a direction has no routes in it: no session is left without one.
 */
import type { PolicyRule, RouteChange } from '../document.ts';
import {
  added,
  type Family,
  type Move,
  movesIn,
  type NamedChain,
  type NamedList,
  type NamedPolicy,
  namePolicy,
  passName,
  presentPolicy,
} from './named-policy.ts';
import {
  addChange,
  matchList,
  originNamed,
  PolicyReader,
  prepended,
  type ReadRule,
  readCommunity,
  statements,
  textFault,
  uint32,
  withCommunity,
} from './policy-reader.ts';
import {
  type ReadPolicy,
  type RenderContext,
  type RenderedSession,
  type Renderer,
  type RouterState,
  readText,
} from './renderer.ts';

const PASS = passName('_');
const NOTHING: NamedPolicy = { lists: [], chains: [] };

export const iosxr: Renderer = {
  format: 'iosxr',

  refuses: (_rule, _session, { asn }) =>
    asn === null ? 'IOS-XR names its BGP process after our ASN, which the model does not say' : null,

  refusesBase: () => null,

  render(policy, context) {
    return changeLines(NOTHING, namePolicy(policy, '_', context), context);
  },

  change(from, to, context) {
    const next = namePolicy(to, '_', context);
    return changeLines(presentPolicy(namePolicy(from, '_', context), next), next, context);
  },

  state(router, context) {
    return new IosxrText(router, context);
  },

  read(text, router, context) {
    return readText(iosxr.state(router, context), text);
  },
};

function changeLines(from: NamedPolicy, to: NamedPolicy, context: RenderContext): string {
  const moves = ([4, 6] as const).map((family) => movesIn(family, from, to, context.sessions));
  const isPassed = moves.flat().some((move) => policyOf(move) === PASS);
  const removals = [
    ...added(to.chains, from.chains).map(({ name }) => `no route-policy ${name}`),
    ...added(to.lists, from.lists).map(({ name }) => `no prefix-set ${name}`),
  ];
  const lines = [
    ...added(from.lists, to.lists).flatMap(listLines),
    ...added(from.chains, to.chains).flatMap(chainLines),
    ...(isPassed ? [`route-policy ${PASS}`, '  pass', 'end-policy'] : []),
    ...sessionLines(moves, context),
    // Below a neighbor the same words mean its own policy.
    ...(removals.length === 0 ? [] : ['root', ...removals]),
  ];
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function policyOf({ session, direction, is }: Move<RenderedSession>): string {
  return is?.name ?? session.base?.[direction] ?? PASS;
}

function listLines({ name, prefixes }: NamedList): string[] {
  const last = prefixes.length - 1;
  return [`prefix-set ${name}`, ...prefixes.map((prefix, at) => `  ${prefix}${at < last ? ',' : ''}`), 'end-set'];
}

function chainLines({ name, rules, base }: NamedChain): string[] {
  const choice = [
    ...rules.flatMap(({ rule, list }, at) => [
      `${at === 0 ? 'if' : 'elseif'} destination in ${list.name} then`,
      ...actions(rule).map((action) => `  ${action}`),
    ]),
    'else',
    '  pass',
    'endif',
  ];
  // What the operator's policy neither passes nor changes is dropped there, and would be passed by a change of ours.
  const body =
    base === null ? choice : [`if apply ${base} then`, ...choice.map((line) => `  ${line}`), 'else', '  drop', 'endif'];
  return [`route-policy ${name}`, ...body.map((line) => `  ${line}`), 'end-policy'];
}

function actions({ action, set: { localPref, med, origin, prepend, communities = [] } }: PolicyRule): string[] {
  return [
    ...(localPref === undefined ? [] : [`set local-preference ${localPref}`]),
    ...(med === undefined ? [] : [`set med ${med}`]),
    ...(origin === undefined ? [] : [`set origin ${origin}`]),
    ...(prepend === undefined ? [] : [`prepend as-path ${prepend.asn} ${prepend.count}`]),
    ...communities.map((one) => `set ${one.split(':').length === 3 ? 'large-' : ''}community (${one}) additive`),
    action === 'accept' ? 'pass' : 'drop',
  ];
}

/** The block that moves sessions, by session and address family. */
function sessionLines(
  moves: readonly (readonly Move<RenderedSession>[])[],
  { asn, sessions }: RenderContext,
): string[] {
  const lines = sessions.flatMap((session) => {
    const families = moves.flatMap((inFamily, at) => {
      const here = inFamily.filter((move) => move.session === session);
      if (here.length === 0) return [];
      return [
        `  address-family ipv${at === 0 ? 4 : 6} unicast`,
        ...here.map((move) => `   route-policy ${policyOf(move)} ${move.direction === 'import' ? 'in' : 'out'}`),
      ];
    });
    if (families.length === 0) return [];
    const { name, peerAddress, group = name } = session;
    return [peerAddress === null ? ` neighbor-group ${group}` : ` neighbor ${peerAddress}`, ...families];
  });
  if (lines.length === 0) return [];
  return [asn === null ? 'router bgp' : `router bgp ${asn}`, ...lines];
}

type Statement = readonly [RegExp, (match: readonly string[], line: number) => void];

/** The route-policy at hand: one choice, alone or where the operator's policy passes the route. */
interface OpenChain {
  readonly name: string;
  /** What may come next: see `#inChain`. */
  state: 'start' | 'choice' | 'last' | 'chosen' | 'refusal' | 'refused' | 'end';
  isCalled: boolean;
  rule: ReadRule | null;
}

class IosxrText implements RouterState {
  readonly #reader: PolicyReader;
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
    if (this.#reader.hasList(name)) throw textFault(line, `${name} is defined twice`);
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

/**
 * IOS-XR: prefix-sets and route-policies, and the neighbors that use them. A commit takes all of it in one step. A session
 * whose address is not known is a neighbor-group of its name.
 */
import type { PolicyRule, RouteChange, RouterPolicy } from '../document.ts';
import { added, type Family, type NamedChain, type NamedList, type NamedPolicy, namePolicy } from './named-policy.ts';
import {
  originNamed,
  PolicyReader,
  type ReadRule,
  statements,
  textFault,
  uint32,
  withCommunity,
} from './policy-reader.ts';
import type { RenderContext, Renderer } from './renderer.ts';

export const iosxr: Renderer = {
  format: 'iosxr',

  refuses: (_rule, _session, { asn }) =>
    asn === null ? 'IOS-XR names its BGP process after our ASN, which the model does not say' : null,

  render(policy, context) {
    const named = namePolicy(policy, '_');
    return joined([
      ...named.lists.flatMap(listLines),
      ...named.chains.flatMap(chainLines),
      ...sessionLines({ lists: [], chains: [] }, named, context),
    ]);
  },

  change(from, to, context) {
    const [old, next] = [namePolicy(from, '_'), namePolicy(to, '_')];
    return joined([
      ...added(old.lists, next.lists).flatMap(listLines),
      ...added(old.chains, next.chains).flatMap(chainLines),
      ...sessionLines(old, next, context),
      ...added(next.chains, old.chains).map(({ name }) => `no route-policy ${name}`),
      ...added(next.lists, old.lists).map(({ name }) => `no prefix-set ${name}`),
    ]);
  },

  read(text, router, context) {
    return new IosxrText(router, context).read(text);
  },
};

function joined(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function listLines({ name, prefixes }: NamedList): string[] {
  const last = prefixes.length - 1;
  return [`prefix-set ${name}`, ...prefixes.map((prefix, at) => `  ${prefix}${at < last ? ',' : ''}`), 'end-set'];
}

function chainLines({ name, rules }: NamedChain): string[] {
  return [
    `route-policy ${name}`,
    ...rules.flatMap(({ rule, list }, at) => [
      `  ${at === 0 ? 'if' : 'elseif'} destination in ${list.name} then`,
      ...actions(rule).map((action) => `    ${action}`),
    ]),
    '  else',
    '    pass',
    '  endif',
    'end-policy',
  ];
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

/** The block that moves sessions from the chains of one policy to those of another. */
function sessionLines(from: NamedPolicy, to: NamedPolicy, { asn, sessions }: RenderContext): string[] {
  const lines = sessions.flatMap(({ name, peerAddress }) => {
    const families = ([4, 6] as const).flatMap((family) => {
      const moves = movesOf(from, to, name, family);
      return moves.length === 0 ? [] : [`  address-family ipv${family} unicast`, ...moves];
    });
    if (families.length === 0) return [];
    return [peerAddress === null ? ` neighbor-group ${name}` : ` neighbor ${peerAddress}`, ...families];
  });
  if (lines.length === 0) return [];
  return [asn === null ? 'router bgp' : `router bgp ${asn}`, ...lines];
}

function movesOf(from: NamedPolicy, to: NamedPolicy, session: string, family: Family): string[] {
  return (['import', 'export'] as const).flatMap((direction) => {
    const [was, is] = [from, to].map(({ chains }) =>
      chains.find((one) => one.session === session && one.direction === direction && one.families.includes(family)),
    );
    const chain = is ?? was;
    if (chain === undefined || was?.name === is?.name) return [];
    const side = direction === 'import' ? 'in' : 'out';
    return [`   ${is === undefined ? 'no ' : ''}route-policy ${chain.name} ${side}`];
  });
}

type Statement = readonly [RegExp, (match: readonly string[], line: number) => void];

class IosxrText {
  readonly #reader: PolicyReader;
  #list: string | null = null;
  #chain: string | null = null;
  #rule: ReadRule | null = null;
  #peer = '';
  #family: Family | null = null;

  constructor(router: string, context: RenderContext) {
    this.#reader = new PolicyReader(router, context);
  }

  readonly #top: readonly Statement[] = [
    [/^prefix-set (\S+)$/, (match, line) => this.#openList(match, line)],
    [/^route-policy (\S+)$/, (match, line) => this.#openChain(match, line)],
    [/^router bgp(?: \d+)?$/, () => {}],
    [/^neighbor(?:-group)? (\S+)$/, (match) => this.#openPeer(match)],
    [/^address-family ipv([46]) unicast$/, (match) => this.#openFamily(match)],
    [/^route-policy (\S+) (in|out)$/, (match, line) => this.#attach(match, line)],
  ];

  read(text: string): RouterPolicy {
    let last = 1;
    for (const [statement, line] of statements(text, '!')) {
      last = line;
      if (this.#list !== null) this.#inList(this.#list, statement, line);
      else if (this.#chain !== null) this.#inChain(this.#chain, statement, line);
      else this.#atTop(statement, line);
    }
    if (this.#list !== null || this.#chain !== null) throw textFault(last, 'the text ends too early');
    return this.#reader.policy();
  }

  #atTop(statement: string, line: number): void {
    const known = this.#top.find(([pattern]) => pattern.test(statement));
    if (known === undefined) throw textFault(line, `cannot read ${JSON.stringify(statement)}`);
    const [pattern, take] = known;
    take(pattern.exec(statement) ?? [], line);
  }

  #openList([, list]: readonly string[], line: number): void {
    if (this.#reader.hasList(list)) throw textFault(line, `${list} is defined twice`);
    this.#list = list;
  }

  #openChain([, chain]: readonly string[], line: number): void {
    this.#reader.openChain(chain, line);
    this.#chain = chain;
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

  #inList(list: string, statement: string, line: number): void {
    if (statement === 'end-set') this.#list = null;
    else this.#reader.addPrefix(list, statement.replace(/,$/, ''), line);
  }

  #inChain(chain: string, statement: string, line: number): void {
    const [, list] = /^(?:else)?if destination in (\S+) then$/.exec(statement) ?? [];
    if (list !== undefined || statement === 'else') {
      this.#rule = this.#reader.addRule(chain, line);
      this.#rule.list = list ?? null;
    } else if (statement === 'end-policy') {
      this.#chain = null;
      this.#rule = null;
    } else if (statement !== 'endif') this.#act(statement, line);
  }

  #act(statement: string, line: number): void {
    const rule = this.#rule;
    if (rule === null || rule.action !== null) throw textFault(line, 'an action that is never reached');
    if (statement === 'pass' || statement === 'drop') rule.action = statement === 'pass' ? 'accept' : 'reject';
    else rule.set = { ...rule.set, ...changeOf(statement, line, rule.set) };
  }
}

type Change = (match: readonly string[], line: number, set: RouteChange) => RouteChange;

const CHANGES: readonly (readonly [RegExp, Change])[] = [
  [/^set local-preference (\d+)$/, ([, value], line) => ({ localPref: uint32(value, line) })],
  [/^set med (\d+)$/, ([, value], line) => ({ med: uint32(value, line) })],
  [/^set origin (\w+)$/, ([, value], line) => ({ origin: originNamed(value, line) })],
  [
    /^prepend as-path (\d+) (\d+)$/,
    ([, asn, count], line) => ({ prepend: { asn: uint32(asn, line), count: uint32(count, line) } }),
  ],
  [/^set (?:large-)?community \(([\d:]+)\) additive$/, ([, community], _line, set) => withCommunity(set, community)],
];

function changeOf(statement: string, line: number, set: RouteChange): RouteChange {
  const known = CHANGES.find(([pattern]) => pattern.test(statement));
  if (known === undefined) throw textFault(line, `cannot read ${JSON.stringify(statement)}`);
  const [pattern, change] = known;
  return change(pattern.exec(statement) ?? [], line, set);
}

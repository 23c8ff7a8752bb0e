/**
 * FRR 8: prefix-lists, route-maps, and the sessions that use them, as `frr-reload.py` and `vtysh -f` take them.
 *
 * In a change new lists and route-maps come first, then sessions move over, then what is no longer used goes: a session
 * that points at a route-map without its last entry would deny what is missing.
 */
import type { PolicyRule, RouteChange, RouterPolicy } from '../document.ts';
import { added, type Family, type NamedChain, type NamedList, type NamedRule, namePolicy } from './named-policy.ts';
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

/** Between sequence numbers, so that a hand can put an entry in between. */
const STEP = 10;
const LAST_SEQUENCE = 65535;

const ipOf = (family: Family): string => (family === 4 ? 'ip' : 'ipv6');
const sideOf = ({ direction }: NamedChain): string => (direction === 'import' ? 'in' : 'out');

export const frr: Renderer = {
  format: 'frr',

  refuses: () => null,

  render(policy, context) {
    const { lists, chains } = namePolicy(policy, '-');
    return joined([...lists.flatMap(listLines), ...chains.flatMap(chainLines), ...sessionLines([], chains, context)]);
  },

  change(from, to, context) {
    const [old, next] = [namePolicy(from, '-'), namePolicy(to, '-')];
    return joined([
      ...added(old.lists, next.lists).flatMap(listLines),
      ...added(old.chains, next.chains).flatMap(chainLines),
      ...sessionLines(old.chains, next.chains, context),
      ...added(next.chains, old.chains).map(({ name }) => `no route-map ${name}`),
      ...added(next.lists, old.lists).map(({ name, family }) => `no ${ipOf(family)} prefix-list ${name}`),
    ]);
  },

  read(text, router, context) {
    return new FrrText(router, context).read(text);
  },
};

function joined(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function listLines({ name, family, prefixes }: NamedList): string[] {
  return prefixes.map((prefix, at) => `${ipOf(family)} prefix-list ${name} seq ${(at + 1) * STEP} permit ${prefix}`);
}

function chainLines({ name, rules }: NamedChain): string[] {
  const step = rules.length * STEP < LAST_SEQUENCE ? STEP : 1;
  return [
    ...rules.flatMap((one, at) => ruleLines(name, one, (at + 1) * step)),
    `route-map ${name} permit ${LAST_SEQUENCE}`,
    'exit',
  ];
}

function ruleLines(chain: string, { rule, list }: NamedRule, sequence: number): string[] {
  return [
    `route-map ${chain} ${rule.action === 'accept' ? 'permit' : 'deny'} ${sequence}`,
    ` match ${ipOf(list.family)} address prefix-list ${list.name}`,
    ...setLines(rule).map((line) => ` set ${line}`),
    'exit',
  ];
}

function setLines({ set: { localPref, med, origin, prepend, communities = [] } }: PolicyRule): string[] {
  const [plain, large] = [2, 3].map((parts) => communities.filter((one) => one.split(':').length === parts));
  return [
    ...(prepend === undefined ? [] : [`as-path prepend ${new Array(prepend.count).fill(prepend.asn).join(' ')}`]),
    ...(plain.length === 0 ? [] : [`community ${plain.join(' ')} additive`]),
    ...(large.length === 0 ? [] : [`large-community ${large.join(' ')} additive`]),
    ...(localPref === undefined ? [] : [`local-preference ${localPref}`]),
    ...(med === undefined ? [] : [`metric ${med}`]),
    ...(origin === undefined ? [] : [`origin ${origin}`]),
  ];
}

/** The block that moves sessions from the chains of one policy to those of another. */
function sessionLines(from: readonly NamedChain[], to: readonly NamedChain[], context: RenderContext): string[] {
  const key = ({ session, direction }: NamedChain): string => `${session} ${direction}`;
  const [old, next] = [from, to].map((chains) => new Map(chains.map((chain) => [key(chain), chain])));
  const inFamily = (family: Family): string[] =>
    [...new Map([...old, ...next]).keys()].flatMap((session) => {
      const was = old.get(session)?.families.includes(family) ? old.get(session) : undefined;
      const is = next.get(session)?.families.includes(family) ? next.get(session) : undefined;
      const chain = is ?? was;
      if (chain === undefined || was?.name === is?.name) return [];
      const peer = context.sessions.find(({ name }) => name === chain.session)?.peerAddress ?? chain.session;
      return [`  ${is === undefined ? 'no ' : ''}neighbor ${peer} route-map ${chain.name} ${sideOf(chain)}`];
    });
  const families = ([4, 6] as const).flatMap((family) => {
    const lines = inFamily(family);
    return lines.length === 0
      ? []
      : [` address-family ${family === 4 ? 'ipv4' : 'ipv6'} unicast`, ...lines, ' exit-address-family'];
  });
  if (families.length === 0) return [];
  return [context.asn === null ? 'router bgp' : `router bgp ${context.asn}`, ...families, 'exit'];
}

type Statement = readonly [RegExp, (match: readonly string[], line: number) => void];

class FrrText {
  readonly #reader: PolicyReader;
  /** Numbers of list entries and of route-map entries have to rise. */
  readonly #last = new Map<string, number>();
  #rule: ReadRule | null = null;
  #family: Family | null = null;

  constructor(router: string, context: RenderContext) {
    this.#reader = new PolicyReader(router, context);
  }

  readonly #statements: readonly Statement[] = [
    [/^(?:ip|ipv6) prefix-list (\S+) seq (\d+) permit (\S+)$/, (match, line) => this.#entry(match, line)],
    [/^route-map (\S+) (permit|deny) (\d+)$/, (match, line) => this.#open(match, line)],
    [/^match (?:ip|ipv6) address prefix-list (\S+)$/, (match, line) => this.#match(match, line)],
    [/^set (\S+) (.+)$/, (match, line) => this.#set(match, line)],
    [/^router bgp(?: \d+)?$/, () => this.#close()],
    [/^address-family (ipv4|ipv6) unicast$/, (match) => this.#enter(match)],
    [/^neighbor (\S+) route-map (\S+) (in|out)$/, (match, line) => this.#attach(match, line)],
    [/^exit(?:-address-family)?$/, () => this.#close()],
  ];

  read(text: string): RouterPolicy {
    for (const [statement, line] of statements(text, '!')) {
      const known = this.#statements.find(([pattern]) => pattern.test(statement));
      if (known === undefined) throw textFault(line, `cannot read ${JSON.stringify(statement)}`);
      const [pattern, take] = known;
      take(pattern.exec(statement) ?? [], line);
    }
    return this.#reader.policy();
  }

  #entry([, list, sequence, prefix]: readonly string[], line: number): void {
    this.#rises(`list ${list}`, sequence, line);
    this.#reader.addPrefix(list, prefix, line);
  }

  #open([, chain, action, sequence]: readonly string[], line: number): void {
    this.#rises(`route-map ${chain}`, sequence, line);
    if (!this.#reader.hasChain(chain)) this.#reader.openChain(chain, line);
    this.#rule = this.#reader.addRule(chain, line);
    this.#rule.action = action === 'permit' ? 'accept' : 'reject';
  }

  #attach([, peer, chain, side]: readonly string[], line: number): void {
    if (this.#family === null) throw textFault(line, 'a session outside an address family');
    this.#reader.attach(peer, side === 'in' ? 'import' : 'export', chain, this.#family, line);
  }

  #match([, list]: readonly string[], line: number): void {
    this.#openRule(line).list = list;
  }

  #set([, what, words]: readonly string[], line: number): void {
    const rule = this.#openRule(line);
    const change = SETTINGS[what];
    if (change === undefined) throw textFault(line, `cannot read ${JSON.stringify(`set ${what}`)}`);
    rule.set = { ...rule.set, ...change(words, line, rule.set) };
  }

  #enter([, family]: readonly string[]): void {
    this.#family = family === 'ipv4' ? 4 : 6;
  }

  #openRule(line: number): ReadRule {
    if (this.#rule === null) throw textFault(line, 'outside a route-map');
    return this.#rule;
  }

  #close(): void {
    this.#rule = null;
    this.#family = null;
  }

  #rises(what: string, sequence: string, line: number): void {
    const value = uint32(sequence, line);
    if (value <= (this.#last.get(what) ?? 0)) throw textFault(line, `${what} is out of order`);
    this.#last.set(what, value);
  }
}

type Setting = (words: string, line: number, set: RouteChange) => RouteChange;

const SETTINGS: Readonly<Record<string, Setting>> = {
  'local-preference': (value, line) => ({ localPref: uint32(value, line) }),
  metric: (value, line) => ({ med: uint32(value, line) }),
  origin: (value, line) => ({ origin: originNamed(value, line) }),
  'as-path': (words, line) => ({ prepend: prependOf(words, line) }),
  community: addedCommunities,
  'large-community': addedCommunities,
};

function prependOf(words: string, line: number): { asn: number; count: number } {
  const [verb, ...path] = words.split(' ');
  const [asn] = path;
  if (verb !== 'prepend' || asn === undefined || path.some((one) => one !== asn)) {
    throw textFault(line, 'expected one AS number, repeated');
  }
  return { asn: uint32(asn, line), count: path.length };
}

function addedCommunities(words: string, line: number, set: RouteChange): RouteChange {
  const communities = words.split(' ');
  if (communities.pop() !== 'additive') throw textFault(line, 'communities would replace those of the route');
  return communities.reduce(withCommunity, set);
}

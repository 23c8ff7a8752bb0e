/**
 * BIRD 2: prefix sets, and the filters `import_<session>` and `export_<session>` that the protocols of a router refer to.
 *
 * The text is a file of its own, which the configuration includes; BIRD takes the whole of it in one step
 * (`birdc configure`), and so a change is the new file. Every session has its filters, so that no reference dangles.
 */
import { DIRECTIONS, type Direction, type PolicyRule, type RouteChange, type RouterPolicy } from '../document.ts';
import { type NamedList, type NamedRule, namePolicy } from './named-policy.ts';
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

const ORIGIN_NAMES = ['ORIGIN_IGP', 'ORIGIN_EGP', 'ORIGIN_INCOMPLETE'];
/** Routes of the IGP and of interfaces are in the same table; neighbors are told none of them. */
const BGP_ONLY = 'if source != RTS_BGP then reject;';

export const bird: Renderer = {
  format: 'bird',

  refuses: () => null,

  render(policy, { sessions }) {
    const { lists, chains } = namePolicy(policy, '_');
    const filters = sessions.flatMap(({ name }) =>
      DIRECTIONS.flatMap((direction) => {
        const chain = chains.find((one) => one.session === name && one.direction === direction);
        return filterLines(name, direction, chain?.rules ?? []);
      }),
    );
    return `${[...lists.flatMap(setLines), ...filters].join('\n')}\n`;
  },

  change(from, to, context) {
    const text = bird.render(to, context);
    return text === bird.render(from, context) ? '' : text;
  },

  read(text, router, context) {
    return new BirdText(router, context).read(text);
  },
};

function setLines({ name, prefixes }: NamedList): string[] {
  const last = prefixes.length - 1;
  return [`define ${name} = [`, ...prefixes.map((prefix, at) => `  ${prefix}${at < last ? ',' : ''}`), '];'];
}

function filterLines(session: string, direction: Direction, rules: readonly NamedRule[]): string[] {
  return [
    `filter ${direction}_${session} {`,
    ...(direction === 'export' ? [`  ${BGP_ONLY}`] : []),
    ...rules.map(({ rule, list }) => {
      const actions = [...changes(rule), rule.action].map((action) => `${action};`).join(' ');
      // A prefix set is of one address family, and a net of the other is no member of it but a fault.
      return `  if net.type = NET_IP${list.family} && net ~ ${list.name} then { ${actions} }`;
    }),
    '  accept;',
    '}',
  ];
}

function changes({ set: { localPref, med, origin, prepend, communities = [] } }: PolicyRule): string[] {
  return [
    ...(localPref === undefined ? [] : [`bgp_local_pref = ${localPref}`]),
    ...(med === undefined ? [] : [`bgp_med = ${med}`]),
    ...(origin === undefined ? [] : [`bgp_origin = ORIGIN_${origin.toUpperCase()}`]),
    ...(prepend === undefined ? [] : new Array<string>(prepend.count).fill(`bgp_path.prepend(${prepend.asn})`)),
    ...communities.map((one) => {
      const parts = one.split(':');
      return `bgp_${parts.length === 3 ? 'large_' : ''}community.add((${parts.join(', ')}))`;
    }),
  ];
}

const LIST = /^define (\w+) = \[$/;
const MEMBER = /^([0-9a-f.:]+\/\d+),?$/;
const FILTER = /^filter (import|export)_(\w+) \{$/;
const RULE = /^if net\.type = NET_IP[46] && net ~ (\w+) then \{ (.*) \}$/;

class BirdText {
  readonly #reader: PolicyReader;
  #list: string | null = null;
  #filter: { readonly name: string; readonly direction: Direction; isGuarded: boolean; isEnded: boolean } | null = null;

  constructor(router: string, context: RenderContext) {
    this.#reader = new PolicyReader(router, context);
  }

  read(text: string): RouterPolicy {
    let last = 1;
    for (const [statement, line] of statements(text, '#')) {
      last = line;
      if (this.#list !== null) this.#inList(statement, line);
      else if (this.#filter !== null) this.#inFilter(statement, line);
      else this.#open(statement, line);
    }
    if (this.#list !== null || this.#filter !== null) throw textFault(last, 'the text ends too early');
    return this.#reader.policy();
  }

  #open(statement: string, line: number): void {
    const [, list] = LIST.exec(statement) ?? [];
    const [, direction, session] = FILTER.exec(statement) ?? [];
    if (list !== undefined) {
      if (this.#reader.hasList(list)) throw textFault(line, `${list} is defined twice`);
      this.#list = list;
    } else if (direction === 'import' || direction === 'export') {
      const name = `${direction}_${session}`;
      this.#reader.openChain(name, line);
      this.#reader.attach(session, direction, name, null, line);
      this.#filter = { name, direction, isGuarded: direction === 'import', isEnded: false };
    } else throw textFault(line, `cannot read ${JSON.stringify(statement)}`);
  }

  #inList(statement: string, line: number): void {
    if (statement === '];') {
      this.#list = null;
      return;
    }
    const [, prefix] = MEMBER.exec(statement) ?? [];
    if (prefix === undefined) throw textFault(line, `expected a prefix, not ${JSON.stringify(statement)}`);
    this.#reader.addPrefix(this.#list as string, prefix, line);
  }

  #inFilter(statement: string, line: number): void {
    const filter = this.#filter;
    if (filter === null) return;
    if (statement === BGP_ONLY) {
      filter.isGuarded = true;
      return;
    }
    if (!filter.isGuarded) throw textFault(line, `${filter.name} would export routes that are not of BGP`);
    if (statement === '}') {
      if (!filter.isEnded) throw textFault(line, `${filter.name} does not say what happens to other routes`);
      this.#filter = null;
      return;
    }
    if (filter.isEnded) throw textFault(line, 'a statement that is never reached');
    const rule = this.#reader.addRule(filter.name, line);
    if (statement === 'accept;') {
      rule.action = 'accept';
      filter.isEnded = true;
      return;
    }
    const [, list, actions] = RULE.exec(statement) ?? [];
    if (list === undefined) throw textFault(line, `cannot read ${JSON.stringify(statement)}`);
    // In BIRD a name has to be defined above its use.
    if (!this.#reader.hasList(list)) throw textFault(line, `${list} is not defined`);
    rule.list = list;
    for (const action of actions.split(/(?<=;) /)) take(rule, action, line);
  }
}

/** What an action does to what a rule sets already. */
type Action = readonly [RegExp, (value: string, line: number, set: RouteChange) => RouteChange];

const ACTIONS: readonly Action[] = [
  [/^bgp_local_pref = (\d+);$/, (value, line) => ({ localPref: uint32(value, line) })],
  [/^bgp_med = (\d+);$/, (value, line) => ({ med: uint32(value, line) })],
  [/^bgp_origin = (\w+);$/, (value, line) => ({ origin: originNamed(value, line, ORIGIN_NAMES) })],
  [
    /^bgp_path\.prepend\((\d+)\);$/,
    (value, line, { prepend }) => {
      const asn = uint32(value, line);
      if (prepend !== undefined && prepend.asn !== asn) throw textFault(line, 'expected one AS number, repeated');
      return { prepend: { asn, count: (prepend?.count ?? 0) + 1 } };
    },
  ],
  [
    /^bgp_(?:large_)?community\.add\(\(([\d, ]+)\)\);$/,
    (value, _line, set) => withCommunity(set, value.split(', ').join(':')),
  ],
];

function take(rule: ReadRule, action: string, line: number): void {
  if (rule.action !== null) throw textFault(line, 'an action that is never reached');
  if (action === 'accept;' || action === 'reject;') {
    rule.action = action === 'accept;' ? 'accept' : 'reject';
    return;
  }
  const known = ACTIONS.find(([pattern]) => pattern.test(action));
  if (known === undefined) throw textFault(line, `cannot read ${JSON.stringify(action)}`);
  const [pattern, change] = known;
  rule.set = { ...rule.set, ...change(pattern.exec(action)?.[1] ?? '', line, rule.set) };
}

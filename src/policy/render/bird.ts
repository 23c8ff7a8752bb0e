/**
 * BIRD 2: prefix sets, and the filters `import_<session>` and `export_<session>` that the protocols of a router refer to.
 *
 * The text is a file of its own, which the configuration includes; BIRD takes the whole of it in one step
 * (`birdc configure`), and so a change is the new file. Every session has its filters, so that no reference dangles; but
 * where not every route may be told and nobody names the policy that says which, the protocol has to keep its own.
 *
 * The operator's policy is a function without arguments: true for what goes on to our rules. Neighbors are told routes of BGP
 * alone, unless it says what else they are told; our rules are for those of BGP.
 */

import { DIRECTIONS, type Direction, type PolicyRule } from '../document.ts';
import { BGP_ONLY, BirdText, OF_BGP } from './bird-text.ts';
import { calledBase, type NamedList, type NamedRule, namePolicy } from './named-policy.ts';
import { type RenderedSession, type Renderer, readText } from './renderer.ts';
import { ReplacedText } from './replaced-text.ts';

export const bird: Renderer = {
  format: 'bird',

  refuses: () => null,

  refusesBase({ base = {} }) {
    const odd = Object.values(base).find((name) => name !== null && !FUNCTION.test(name));
    return odd === undefined ? null : `no function of BIRD is called ${odd}`;
  },

  render(policy, context) {
    const { sessions, uncalled = [] } = context;
    const { lists, chains } = namePolicy(policy, '_', { sessions, uncalled });
    const filters = sessions.flatMap((session) =>
      DIRECTIONS.flatMap((direction) => {
        const base = calledBase(context, session.name, direction);
        const chain = chains.find((one) => one.session === session.name && one.direction === direction);
        return chain === undefined && isLeftAlone(session, direction, base)
          ? []
          : filterLines(session, direction, base, chain?.rules ?? []);
      }),
    );
    const lines = [...lists.flatMap(setLines), ...filters];
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  },

  change(from, to, context, fromContext = context) {
    const text = bird.render(to, context);
    if (text === bird.render(from, fromContext)) return '';
    return text === '' ? '# no policy\n' : text;
  },

  state(router, context) {
    return new ReplacedText(() => new BirdText(router, context));
  },

  read(text, router, context) {
    return readText(bird.state(router, context), text);
  },
};

const FUNCTION = /^[A-Za-z_]\w*$/;

function isLeftAlone({ isRestricted }: RenderedSession, direction: Direction, base: string | null): boolean {
  return direction === 'export' && isRestricted === true && base === null;
}

const callLine = (base: string): string => `if ! ${base}() then reject;`;

function setLines({ name, prefixes }: NamedList): string[] {
  const last = prefixes.length - 1;
  return [`define ${name} = [`, ...prefixes.map((prefix, at) => `  ${prefix}${at < last ? ',' : ''}`), '];'];
}

function filterLines(
  { name }: RenderedSession,
  direction: Direction,
  base: string | null,
  rules: readonly NamedRule[],
): string[] {
  return [
    `filter ${direction}_${name} {`,
    ...(direction === 'export' && base === null ? [`  ${BGP_ONLY}`] : []),
    ...(base === null ? [] : [`  ${callLine(base)}`]),
    ...rules.map(({ rule, list }) => {
      const actions = [...changes(rule), rule.action].map((action) => `${action};`).join(' ');
      const ofBgp = direction === 'export' && base !== null && rule.isOwn ? OF_BGP : '';
      // A prefix set is of one address family, and a net of the other is no member of it but a fault.
      return `  if ${ofBgp}net.type = NET_IP${list.family} && net ~ ${list.name} then { ${actions} }`;
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

/**
 * GoBGP 3: prefix sets, neighbor sets and policy definitions in TOML, applied globally and each for one neighbor; the form
 * of the configuration file, which the API mirrors field by field.
 *
 * The text is a part of the configuration file, which the daemon reads again as a whole (SIGHUP): a change is the new part.
 */
import { APPLY, BGP_ACTIONS, CONDITIONS, DEFINITION, GobgpText, STATEMENT } from './gobgp-text.ts';
import { type NamedChain, type NamedList, type NamedRule, namePolicy } from './named-policy.ts';
import { type RenderContext, type Renderer, readText } from './renderer.ts';
import { ReplacedText } from './replaced-text.ts';

export const gobgp: Renderer = {
  format: 'gobgp',

  refuses({ set: { origin } }, session) {
    if (session.peerAddress === null) {
      return `GoBGP knows neighbors by address only, and the model has none for session ${session.name}`;
    }
    return origin === undefined ? null : 'GoBGP 3 has no action that sets the origin';
  },

  refusesBase({ name, base = {} }) {
    const called = Object.values(base).find((one) => one !== null);
    return called === undefined
      ? null
      : `policies of GoBGP are for all neighbors: none calls ${called} for ${name} alone`;
  },

  render(policy, context) {
    const { lists, chains } = namePolicy(policy, '_', { sessions: context.sessions });
    if (chains.length === 0) return '';
    const lines = [
      ...lists.flatMap(listLines),
      ...neighborLines(chains, context),
      ...chains.flatMap(chainLines),
      ...applyLines(chains),
    ];
    return `${lines.join('\n')}\n`;
  },

  change(from, to, context) {
    const text = gobgp.render(to, context);
    if (text === gobgp.render(from, context)) return '';
    return text === '' ? '# no policy\n' : text;
  },

  state(router, context) {
    return new ReplacedText(() => new GobgpText(router, context));
  },

  read(text, router, context) {
    return readText(gobgp.state(router, context), text);
  },
};

function listLines({ name, prefixes }: NamedList): string[] {
  return [
    '[[defined-sets.prefix-sets]]',
    `prefix-set-name = "${name}"`,
    ...prefixes.flatMap((prefix) => {
      const length = prefix.slice(prefix.indexOf('/') + 1);
      return [
        '[[defined-sets.prefix-sets.prefix-list]]',
        `ip-prefix = "${prefix}"`,
        `masklength-range = "${length}..${length}"`,
      ];
    }),
  ];
}

/** A condition names its neighbor by a set, and a set holds addresses. */
function neighborLines(chains: readonly NamedChain[], { sessions }: RenderContext): string[] {
  const used = new Set(chains.map(({ session }) => session));
  return sessions
    .filter(({ name }) => used.has(name))
    .flatMap(({ name, peerAddress }) => [
      '[[defined-sets.neighbor-sets]]',
      `neighbor-set-name = "${name}"`,
      // Without an address the session is refused above.
      `neighbor-info-list = [${peerAddress === null ? '' : `"${peerAddress}"`}]`,
    ]);
}

function chainLines({ name, session, rules }: NamedChain): string[] {
  return [
    DEFINITION,
    `name = "${name}"`,
    ...rules.flatMap((rule, at) => statementLines(`${name}_${at + 1}`, session, rule)),
  ];
}

function statementLines(name: string, session: string, { rule, list }: NamedRule): string[] {
  const { localPref, med, prepend, communities = [] } = rule.set;
  const [plain, large] = [2, 3].map((parts) => communities.filter((one) => one.split(':').length === parts));
  const quoted = (texts: readonly string[]): string => texts.map((text) => `"${text}"`).join(', ');
  const added = (kind: string, texts: readonly string[]): string[] =>
    texts.length === 0
      ? []
      : [
          `${BGP_ACTIONS}.set-${kind}]`,
          'options = "add"',
          `${BGP_ACTIONS}.set-${kind}.set-${kind}-method]`,
          `communities-list = [${quoted(texts)}]`,
        ];
  return [
    STATEMENT,
    `name = "${name}"`,
    `${CONDITIONS}match-prefix-set]`,
    `prefix-set = "${list.name}"`,
    `${CONDITIONS}match-neighbor-set]`,
    `neighbor-set = "${session}"`,
    '[policy-definitions.statements.actions]',
    `route-disposition = "${rule.action}-route"`,
    ...(localPref === undefined && med === undefined ? [] : [`${BGP_ACTIONS}]`]),
    ...(localPref === undefined ? [] : [`set-local-pref = ${localPref}`]),
    ...(med === undefined ? [] : [`set-med = "${med}"`]),
    ...(prepend === undefined
      ? []
      : [`${BGP_ACTIONS}.set-as-path-prepend]`, `repeat-n = ${prepend.count}`, `as = "${prepend.asn}"`]),
    ...added('community', plain),
    ...added('large-community', large),
  ];
}

function applyLines(chains: readonly NamedChain[]): string[] {
  return [
    APPLY,
    ...(['import', 'export'] as const).flatMap((direction) => {
      const names = chains.filter((chain) => chain.direction === direction).map(({ name }) => `"${name}"`);
      return [`${direction}-policy-list = [${names.join(', ')}]`, `default-${direction}-policy = "accept-route"`];
    }),
  ];
}

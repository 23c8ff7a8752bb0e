/**
 * FRR 8: prefix-lists, route-maps, and the sessions that use them, as `frr-reload.py` and `vtysh -f` take them.
 *
 * In a change what comes is first, lists that stay get their new entries, then sessions move over, then what is no longer used
 * goes: a session that points at a route-map without its last entry would deny what is missing. A session whose policy nobody
 * names is never left without one: FRR may be told to take nothing then (RFC 8212). Entries of lists have no sequence
 * numbers, which FRR gives and finds by itself, and `frr-reload.py` passes over: they would shift with every edit.
 */
import type { Family, PolicyRule } from '../document.ts';
import { editedText } from './edited-text.ts';
import { FrrText, PASS } from './frr-text.ts';
import { linePieces } from './line-pieces.ts';
import { added, definitions, listEdits, type Move, movesIn, NOTHING } from './named-change.ts';
import type { NamedChain, NamedList, NamedPolicy, NamedRule } from './named-policy.ts';
import type { RenderContext, RenderedSession, Renderer } from './renderer.ts';

/** Between the numbers of entries of a route-map, so that a hand can put one in between. */
const STEP = 10;
const LAST_SEQUENCE = 65535;

const ipOf = (family: Family): string => (family === 4 ? 'ip' : 'ipv6');

export const frr: Renderer = {
  format: 'frr',

  refuses: () => null,

  refusesBase: () => null,

  ...editedText('-', changeLines, FrrText),
};

/** `present`: null for a router without policy. */
function changeLines(present: NamedPolicy | null, to: NamedPolicy, context: RenderContext): string[] {
  const from = present ?? NOTHING;
  const { lists, chains } = definitions(present, to);
  const moves = ([4, 6] as const).map((family) => movesIn(family, from, to, context.sessions));
  const isPassed = moves.flat().some((move) => routeMapOf(move) === PASS);
  const edits = listEdits(from, to);
  return [
    ...lists.flatMap((list) => listLines(list)),
    ...edits.flatMap(({ list, added: prefixes }) => listLines({ ...list, prefixes })),
    ...chains.flatMap(chainLines),
    ...(isPassed ? [`route-map ${PASS} permit ${LAST_SEQUENCE}`, 'exit'] : []),
    ...sessionLines(moves, context),
    ...edits.flatMap(({ list, removed }) => listLines({ ...list, prefixes: removed }, 'no ')),
    ...added(to.chains, from.chains).map(({ name }) => `no route-map ${name}`),
    ...added(to.lists, from.lists).map(({ name, family }) => `no ${ipOf(family)} prefix-list ${name}`),
  ];
}

/** What a session goes over to; null for nothing. */
function routeMapOf({ session, direction, is }: Move<RenderedSession>): string | null {
  if (is !== null) return is.name;
  const base = session.base?.[direction];
  return base === undefined ? PASS : base;
}

/** `no`: in front of each line. */
function listLines({ name, family, prefixes }: NamedList, no = ''): string[] {
  const head = `${ipOf(family)} prefix-list ${name} permit`;
  return [...linePieces(prefixes, (prefix) => `${no}${head} ${prefix}`)];
}

function chainLines({ name, rules, base }: NamedChain): string[] {
  const step = (rules.length + 1) * STEP < LAST_SEQUENCE ? STEP : 1;
  return [
    // What it denies is denied; what it sets, the entries below may set anew.
    ...(base === null ? [] : [`route-map ${name} permit 1`, ` call ${base}`, ' on-match next', 'exit']),
    ...rules.flatMap((one, at) => ruleLines(name, one, (at + 1) * step + (step === 1 ? 1 : 0))),
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

/** The block that moves sessions, by address family. */
function sessionLines(moves: readonly (readonly Move<RenderedSession>[])[], context: RenderContext): string[] {
  const families = moves.flatMap((inFamily, at) => {
    const lines = inFamily.map((move) => {
      const { session, direction, was } = move;
      const { name, peerAddress, group = name } = session;
      const next = routeMapOf(move);
      const side = direction === 'import' ? 'in' : 'out';
      return `  ${next === null ? 'no ' : ''}neighbor ${peerAddress ?? group} route-map ${next ?? was?.name} ${side}`;
    });
    if (lines.length === 0) return [];
    return [` address-family ${at === 0 ? 'ipv4' : 'ipv6'} unicast`, ...lines, ' exit-address-family'];
  });
  if (families.length === 0) return [];
  return [context.asn === null ? 'router bgp' : `router bgp ${context.asn}`, ...families, 'exit'];
}

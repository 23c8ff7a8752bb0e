/**
 * IOS-XR: prefix-sets and route-policies, and the neighbors that use them. A commit takes all of it in one step. A set that
 * changes is given as a whole, in place of what it was. A session whose address is not known is a neighbor-group of its name.
 *
 * An eBGP neighbor without a route-policy in a direction has no routes in it: no session is left without one.
 */
import type { PolicyRule } from '../document.ts';
import { editedText } from './edited-text.ts';
import { IosxrText, PASS } from './iosxr-text.ts';
import { added, definitions, listEdits, type Move, movesIn, NOTHING } from './named-change.ts';
import type { NamedChain, NamedList, NamedPolicy } from './named-policy.ts';
import type { RenderContext, RenderedSession, Renderer } from './renderer.ts';

export const iosxr: Renderer = {
  format: 'iosxr',

  refuses: (_rule, _session, { asn }) =>
    asn === null ? 'IOS-XR names its BGP process after our ASN, which the model does not say' : null,

  refusesBase: () => null,

  ...editedText('_', changeLines, IosxrText),
};

/** `present`: null for a router without policy. */
function changeLines(present: NamedPolicy | null, to: NamedPolicy, context: RenderContext): string[] {
  const from = present ?? NOTHING;
  const { lists, chains } = definitions(present, to);
  const moves = ([4, 6] as const).map((family) => movesIn(family, from, to, context.sessions));
  const isPassed = moves.flat().some((move) => policyOf(move) === PASS);
  const removals = [
    ...added(to.chains, from.chains).map(({ name }) => `no route-policy ${name}`),
    ...added(to.lists, from.lists).map(({ name }) => `no prefix-set ${name}`),
  ];
  return [
    ...lists.flatMap(listLines),
    ...listEdits(from, to).flatMap(({ list }) => listLines(list)),
    ...chains.flatMap(chainLines),
    ...(isPassed ? [`route-policy ${PASS}`, '  pass', 'end-policy'] : []),
    ...sessionLines(moves, context),
    // Below a neighbor the same words mean its own policy.
    ...(removals.length === 0 ? [] : ['root', ...removals]),
  ];
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

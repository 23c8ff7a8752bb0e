/**
 * Junos: prefix-lists, communities and policy-statements as `set` commands, which `load set` takes; what goes, as `delete`.
 * A commit takes all of it in one step. The group of a session has its name, or the one that it is given.
 *
 * Policies of a neighbor are a list, of which the first that accepts has decided: ours stands alone, behind a policy that
 * asks the operator's as a subroutine and rejects what that rejects.
 */
import type { PolicyRule } from '../document.ts';
import { editedText } from './edited-text.ts';
import { BGP_ONLY, communitiesIn, gateName, JunosText } from './junos-text.ts';
import { added, definitions, listEdits, type Move, movesIn, NOTHING } from './named-change.ts';
import { isWrittenName, type NamedChain, type NamedList, type NamedPolicy } from './named-policy.ts';
import type { RenderContext, RenderedSession, Renderer } from './renderer.ts';

const OPTIONS = 'policy-options';

export const junos: Renderer = {
  format: 'junos',

  refuses: () => null,

  refusesBase: () => null,

  ...editedText('-', changeLines, JunosText),
};

/** `present`: null for a router without policy. */
function changeLines(present: NamedPolicy | null, to: NamedPolicy, { sessions }: RenderContext): string[] {
  const from = present ?? NOTHING;
  const { lists, chains } = definitions(present, to);
  const [old, next] = [from, to].map((policy) => communitiesIn(policy.chains.filter(isOurs)));
  const edits = listEdits(from, to);
  return [
    ...lists.flatMap(listLines),
    ...edits.flatMap(({ list, added: prefixes }) => listLines({ ...list, prefixes })),
    ...next.filter((one) => !old.includes(one)).map((one) => communityLine(one, true)),
    ...communitiesIn(chains.filter((chain) => !isOurs(chain))).map((one) => communityLine(one, false)),
    ...chains.flatMap(chainLines),
    ...movesIn(null, from, to, sessions).flatMap(moveLines),
    ...edits.flatMap(({ list, removed }) =>
      removed.map((prefix) => `delete ${OPTIONS} prefix-list ${list.name} ${prefix}`),
    ),
    ...added(to.chains, from.chains).flatMap(removalLines),
    ...old.filter((one) => !next.includes(one)).map((one) => `delete ${OPTIONS} community ${communityName(one, true)}`),
    ...added(to.lists, from.lists).map(({ name }) => `delete ${OPTIONS} prefix-list ${name}`),
  ];
}

function listLines({ name, prefixes }: NamedList): string[] {
  return prefixes.map((prefix) => `set ${OPTIONS} prefix-list ${name} ${prefix}`);
}

const isOurs = ({ name }: NamedChain): boolean => isWrittenName(name);

/** What chains of others add goes by another name: no change defines it, and none takes it away. */
function communityName(community: string, isOfOurs: boolean): string {
  return `${isOfOurs ? 'EGRESSO' : 'OPERATOR'}-${community.replaceAll(':', '-')}`;
}

function communityLine(community: string, isOfOurs: boolean): string {
  const kind = community.split(':').length === 3 ? 'large:' : '';
  return `set ${OPTIONS} community ${communityName(community, isOfOurs)} members ${kind}${community}`;
}

function chainLines({ name, direction, rules, base }: NamedChain): string[] {
  const gate = `set ${OPTIONS} policy-statement ${gateName(name)} term`;
  return [
    ...(base === null
      ? []
      : [`${gate} 1 from policy ${base}`, `${gate} 1 then next policy`, `${gate} others then reject`]),
    ...rules.flatMap(({ rule, list }, at) => {
      const term = `set ${OPTIONS} policy-statement ${name} term ${at + 1}`;
      return [
        // Prefix lists match exactly.
        `${term} from prefix-list ${list.name}`,
        ...(direction === 'export' && rule.isOwn && rule.action === 'accept' ? [`${term} from ${BGP_ONLY}`] : []),
        ...actions(rule, isWrittenName(name)).map((action) => `${term} then ${action}`),
        `${term} then ${rule.action}`,
      ];
    }),
    // Behind the last term comes the default policy of BGP, which takes what BGP has; the operator's has decided already.
    `set ${OPTIONS} policy-statement ${name} term others then ${base === null ? 'next policy' : 'accept'}`,
  ];
}

function removalLines({ name, base }: NamedChain): string[] {
  const names = base === null ? [name] : [gateName(name), name];
  return names.map((one) => `delete ${OPTIONS} policy-statement ${one}`);
}

function actions(
  { set: { localPref, med, origin, prepend, communities = [] } }: PolicyRule,
  isOfOurs: boolean,
): string[] {
  return [
    ...(localPref === undefined ? [] : [`local-preference ${localPref}`]),
    ...(med === undefined ? [] : [`metric ${med}`]),
    ...(origin === undefined ? [] : [`origin ${origin}`]),
    ...(prepend === undefined ? [] : [`as-path-prepend "${new Array(prepend.count).fill(prepend.asn).join(' ')}"`]),
    ...communities.map((one) => `community add ${communityName(one, isOfOurs)}`),
  ];
}

/** A list that is known is written anew, as `set` would put ours behind what is there. */
function moveLines({ session, direction, was, is }: Move<RenderedSession>): string[] {
  const { name, peerAddress, group = name } = session;
  const place = `protocols bgp group ${group}${peerAddress === null ? '' : ` neighbor ${peerAddress}`} ${direction}`;
  const base = session.base?.[direction];
  const listed = (chain: NamedChain | null): string[] => {
    const inFront = chain === null || chain.base === null ? (base ?? null) : gateName(chain.name);
    return [inFront, chain?.name ?? null].filter((one) => one !== null);
  };
  return [
    ...(base === undefined
      ? listed(was).map((one) => `delete ${place} ${one}`)
      : was === null && base === null
        ? []
        : [`delete ${place}`]),
    ...listed(is).map((one) => `set ${place} ${one}`),
  ];
}

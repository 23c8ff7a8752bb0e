/**
 * Junos: prefix-lists, communities and policy-statements as `set` commands, which `load set` takes; what goes, as `delete`.
 * A commit takes all of it in one step. The group of a session has its name.
 */
import type { PolicyRule, RouteChange, RouterPolicy } from '../document.ts';
import { added, type NamedChain, type NamedList, type NamedPolicy, namePolicy } from './named-policy.ts';
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

const OPTIONS = 'policy-options';

export const junos: Renderer = {
  format: 'junos',

  refuses: () => null,

  render(policy, context) {
    const named = namePolicy(policy, '-');
    return joined([
      ...named.lists.flatMap(listLines),
      ...communitiesOf(named).map(communityLine),
      ...named.chains.flatMap(chainLines),
      ...named.chains.map((chain) => `set ${attachment(chain, context)} ${chain.name}`),
    ]);
  },

  change(from, to, context) {
    const [old, next] = [namePolicy(from, '-'), namePolicy(to, '-')];
    const [oldCommunities, nextCommunities] = [communitiesOf(old), communitiesOf(next)];
    const attached = ({ chains }: NamedPolicy): string[] =>
      chains.map((chain) => `${attachment(chain, context)} ${chain.name}`);
    const [was, is] = [attached(old), attached(next)];
    return joined([
      ...added(old.lists, next.lists).flatMap(listLines),
      ...nextCommunities.filter((one) => !oldCommunities.includes(one)).map(communityLine),
      ...added(old.chains, next.chains).flatMap(chainLines),
      ...was.filter((one) => !is.includes(one)).map((one) => `delete ${one}`),
      ...is.filter((one) => !was.includes(one)).map((one) => `set ${one}`),
      ...added(next.chains, old.chains).map(({ name }) => `delete ${OPTIONS} policy-statement ${name}`),
      ...oldCommunities
        .filter((one) => !nextCommunities.includes(one))
        .map((one) => `delete ${OPTIONS} community ${communityName(one)}`),
      ...added(next.lists, old.lists).map(({ name }) => `delete ${OPTIONS} prefix-list ${name}`),
    ]);
  },

  read(text, router, context) {
    return new JunosText(router, context).read(text);
  },
};

function joined(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function listLines({ name, prefixes }: NamedList): string[] {
  return prefixes.map((prefix) => `set ${OPTIONS} prefix-list ${name} ${prefix}`);
}

function communitiesOf({ chains }: NamedPolicy): string[] {
  return [...new Set(chains.flatMap(({ rules }) => rules.flatMap(({ rule }) => rule.set.communities ?? [])))].sort();
}

function communityName(community: string): string {
  return `EGRESSO-${community.replaceAll(':', '-')}`;
}

function communityLine(community: string): string {
  const kind = community.split(':').length === 3 ? 'large:' : '';
  return `set ${OPTIONS} community ${communityName(community)} members ${kind}${community}`;
}

function chainLines({ name, rules }: NamedChain): string[] {
  return [
    ...rules.flatMap(({ rule, list }, at) => {
      const term = `set ${OPTIONS} policy-statement ${name} term ${at + 1}`;
      return [
        // Prefix lists match exactly.
        `${term} from prefix-list ${list.name}`,
        ...actions(rule).map((action) => `${term} then ${action}`),
        `${term} then ${rule.action}`,
      ];
    }),
    // Behind the last term comes the default policy of BGP, which takes what BGP has.
    `set ${OPTIONS} policy-statement ${name} term others then next policy`,
  ];
}

function actions({ set: { localPref, med, origin, prepend, communities = [] } }: PolicyRule): string[] {
  return [
    ...(localPref === undefined ? [] : [`local-preference ${localPref}`]),
    ...(med === undefined ? [] : [`metric ${med}`]),
    ...(origin === undefined ? [] : [`origin ${origin}`]),
    ...(prepend === undefined ? [] : [`as-path-prepend "${new Array(prepend.count).fill(prepend.asn).join(' ')}"`]),
    ...communities.map((one) => `community add ${communityName(one)}`),
  ];
}

function attachment({ session, direction }: NamedChain, { sessions }: RenderContext): string {
  const peer = sessions.find(({ name }) => name === session)?.peerAddress ?? null;
  return `protocols bgp group ${session}${peer === null ? '' : ` neighbor ${peer}`} ${direction}`;
}

const LIST = /^set policy-options prefix-list (\S+) (\S+)$/;
const COMMUNITY = /^set policy-options community (\S+) members (?:large:)?(\S+)$/;
const TERM = /^set policy-options policy-statement (\S+) term (\S+) (?:from prefix-list (\S+)|then (.+))$/;
const ATTACHMENT = /^set protocols bgp group (\S+?)(?: neighbor (\S+))? (import|export) (\S+)$/;

class JunosText {
  readonly #reader: PolicyReader;
  readonly #communities = new Map<string, string>();
  #chain = '';
  #term = '';
  #rule: ReadRule | null = null;

  constructor(router: string, context: RenderContext) {
    this.#reader = new PolicyReader(router, context);
  }

  read(text: string): RouterPolicy {
    for (const [statement, line] of statements(text, '#')) {
      const [list, community, term, attached] = [LIST, COMMUNITY, TERM, ATTACHMENT].map((one) => one.exec(statement));
      if (list !== null) this.#reader.addPrefix(list[1], list[2], line);
      else if (community !== null) this.#communities.set(community[1], community[2]);
      else if (term !== null) this.#inTerm(term, line);
      else if (attached !== null) this.#attach(attached, line);
      else throw textFault(line, `cannot read ${JSON.stringify(statement)}`);
    }
    return this.#reader.policy();
  }

  #attach([, group, peer, direction, chain]: readonly string[], line: number): void {
    this.#reader.attach(peer ?? group, direction === 'import' ? 'import' : 'export', chain, null, line);
  }

  #inTerm([, chain, term, list, action]: readonly string[], line: number): void {
    if (chain !== this.#chain) this.#reader.openChain(chain, line);
    if (chain !== this.#chain || term !== this.#term) this.#rule = this.#reader.addRule(chain, line);
    this.#chain = chain;
    this.#term = term;
    const rule = this.#rule;
    if (rule === null) return;
    if (rule.action !== null) throw textFault(line, 'an action that is never reached');
    if (list !== undefined) rule.list = list;
    else if (action === 'accept' || action === 'next policy') rule.action = 'accept';
    else if (action === 'reject') rule.action = 'reject';
    else rule.set = { ...rule.set, ...this.#change(action, line, rule.set) };
  }

  #change(action: string, line: number, set: RouteChange): RouteChange {
    const [what, ...words] = action.split(' ');
    switch (what) {
      case 'local-preference':
        return { localPref: uint32(words.join(' '), line) };
      case 'metric':
        return { med: uint32(words.join(' '), line) };
      case 'origin':
        return { origin: originNamed(words.join(' '), line) };
      case 'as-path-prepend': {
        const path = words
          .join(' ')
          .replace(/^"(.*)"$/, '$1')
          .split(' ');
        if (path.some((one) => one !== path[0])) throw textFault(line, 'expected one AS number, repeated');
        return { prepend: { asn: uint32(path[0], line), count: path.length } };
      }
      case 'community': {
        const community = words[0] === 'add' ? this.#communities.get(words[1]) : undefined;
        if (community === undefined) throw textFault(line, `community ${words[1]} is not defined`);
        return withCommunity(set, community);
      }
      default:
        throw textFault(line, `cannot read ${JSON.stringify(action)}`);
    }
  }
}

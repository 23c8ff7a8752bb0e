/**
 * The egress half of a policy as paths that a controller injects over iBGP, instead of policy on border routers: a full copy of
 * each route that import policy would prefer (AS path, origin, communities), with its local preference.
 *
 * A controller that tells every router one path per prefix can do so for prefixes with one egress; for several, paths have to
 * go out together (RFC 7911).
 */
import { ORIGINS } from '../model/network-model.ts';
import { numericCommunity } from './bgp/communities.ts';
import type { RouteChange, RouterPolicy } from './document.ts';
import type { Finding } from './finding.ts';
import { gobgpCommands } from './render/gobgp-paths.ts';
import type { InjectedPath } from './report.ts';
import type { Setting } from './setting.ts';

export interface Injection {
  /** By router, session, prefix. */
  readonly paths: readonly InjectedPath[];
  readonly findings: readonly Finding[];
}

export function injectedPaths(setting: Setting, policies: readonly RouterPolicy[]): Injection {
  const { names, received } = setting;
  const paths: InjectedPath[] = [];
  const findings: Finding[] = [];
  const counts = new Map<string, number>();
  for (const { router, sessions } of policies) {
    for (const policy of sessions) {
      const session = names.find(router, policy.session);
      for (const { prefixes, action, set, isOwn } of policy.import) {
        if (!isOwn || action === 'reject') continue;
        for (const prefix of prefixes) {
          const refuse = (why: string) => {
            const message = `${prefix} at ${router}, session ${policy.session}: ${why}`;
            findings.push({ kind: 'unsupported', message });
          };
          const k = names.prefixIndex.get(prefix) ?? -1;
          const nextHop = nextHopOf(setting, session, k);
          const route = routeOn(setting, session, k);
          if (nextHop === null || route < 0 || received.advertisement[route] < 0) {
            refuse('a path without advertisement and next hop cannot be injected');
            continue;
          }
          if (prefix.includes(':') && !nextHop.includes(':')) {
            refuse(
              `no router resolves ${nextHop} as next hop of an IPv6 path; the advertisement has no other (nextHop)`,
            );
            continue;
          }
          const path = copyOf(setting, received.advertisement[route], set);
          for (const { text, number } of path.communities) {
            if (number === null) refuse(`no number is known of community ${JSON.stringify(text)}`);
          }
          const identifier = (counts.get(prefix) ?? 0) + 1;
          counts.set(prefix, identifier);
          const communities = [...new Set(path.communities.flatMap(({ number }) => number ?? []))].sort();
          const whole = { router, session: policy.session, prefix, identifier, nextHop, ...path, communities };
          paths.push({ ...whole, ...gobgpCommands(whole) });
        }
      }
    }
  }
  return { paths, findings };
}

function routeOn({ received }: Setting, session: number, k: number): number {
  for (let r = received.start[k]; r < received.start[k + 1]; r++) if (received.session[r] === session) return r;
  return -1;
}

/** As it was received, else the peer: the link to it has to be known to the IGP. */
function nextHopOf(setting: Setting, session: number, k: number): string | null {
  const { model, network, received } = setting;
  const route = routeOn(setting, session, k);
  const advertisement = route < 0 ? -1 : received.advertisement[route];
  const given = advertisement < 0 ? null : model.advertisements.nextHop[advertisement];
  return given ?? network.sessions[session].peerAddress;
}

function copyOf({ model }: Setting, a: number, { localPref, med, origin, prepend, communities = [] }: RouteChange) {
  const { advertisements } = model;
  const received = Array.from(
    advertisements.asPath.subarray(advertisements.asPathStart[a], advertisements.asPathStart[a + 1]),
  );
  const told = med ?? advertisements.med[a];
  const lengthened = prepend === undefined ? [] : new Array<number>(prepend.count).fill(prepend.asn);
  return {
    localPref: localPref ?? 100,
    asPath: [...lengthened, ...(received.length > 0 ? received : [advertisements.peerAsn[a]])],
    origin: origin ?? ORIGINS[advertisements.origin[a]],
    ...(told >= 0 && { med: told }),
    communities: [...advertisements.communities[a], ...communities].map((text) => ({
      text,
      number: numericCommunity(text),
    })),
  };
}

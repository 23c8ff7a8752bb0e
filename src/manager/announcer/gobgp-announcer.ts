/** Overrides through gobgpd. */

import type { ManagerConfig } from '../config.ts';
import { GobgpClient } from '../gobgp/client.ts';
import { isGiven, ownPath } from '../gobgp/path.ts';
import { contentOf } from './difference.ts';
import { LeaseAnnouncer, type Timer } from './lease-announcer.ts';
import type { Speaker } from './speaker.ts';

/** RFC 1997: NO_EXPORT. */
const NO_EXPORT = '65535:65281';

/** A path is withdrawn by its prefix; the rest only has to be well-formed. */
const UNSPECIFIED = { point: '', nextHop: '0.0.0.0', asPath: [], origin: 'igp', med: null, communities: [] } as const;

const MONOTONIC: Timer = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};

export interface GobgpOwner {
  /** The mark of what is ours. */
  readonly instance: number;
  /** `all`: what others have put in with our community is taken out too. */
  readonly scope: 'own' | 'all';
}

/** `mayAnnounce` is asked before anything is put in; `client`: see `gobgpSpeaker`. */
export function gobgpAnnouncer(
  { gobgp, decision }: ManagerConfig,
  owner: GobgpOwner,
  mayAnnounce: () => boolean,
  client?: GobgpClient,
): LeaseAnnouncer {
  if (gobgp === undefined) throw new Error('gobgp is not configured');
  return new LeaseAnnouncer(gobgpSpeaker(gobgp, owner, client), MONOTONIC, {
    prefixLimit: decision.maxOverrides,
    mayAnnounce,
  });
}

/** `client` is closed with the speaker, whoever else has a use for it. */
export function gobgpSpeaker(
  { address, localPref, community, noExport }: NonNullable<ManagerConfig['gobgp']>,
  { instance, scope }: GobgpOwner,
  client: GobgpClient = new GobgpClient(address),
): Speaker {
  /** Marks of others, by prefix. */
  const others = new Map<string, Set<number>>();
  const added = [community, ...(noExport ? [NO_EXPORT] : [])];
  return {
    content: (path) => contentOf({ ...path, communities: [...path.communities, ...added] }),
    async own(prefixes) {
      const contents = new Map<string, string>();
      for await (const route of client.routes(prefixes)) {
        if (!isGiven(route, community)) continue;
        if (route.pathId !== instance) {
          if (scope === 'own') continue;
          others.set(route.prefix, (others.get(route.prefix) ?? new Set()).add(route.pathId));
        }
        contents.set(route.prefix, route.localPref === localPref ? contentOf(route) : '');
      }
      return contents;
    },
    announce: (paths) => client.add(paths.map((path) => ownPath(path, localPref, added, instance))),
    async withdraw(prefix) {
      const marks = [instance, ...(others.get(prefix) ?? [])];
      await Promise.all(
        marks.map((mark) => client.delete(ownPath({ prefix, ...UNSPECIFIED }, localPref, added, mark))),
      );
    },
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
}

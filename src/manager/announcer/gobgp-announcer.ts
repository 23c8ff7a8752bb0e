/** Overrides through gobgpd. */

import type { ManagerConfig } from '../config.ts';
import { GobgpClient } from '../gobgp/client.ts';
import { isOwn, ownPath } from '../gobgp/path.ts';
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

/** `mayAnnounce` is asked before anything is put in; `client`: see `gobgpSpeaker`. */
export function gobgpAnnouncer(
  { gobgp, decision }: ManagerConfig,
  mayAnnounce: () => boolean,
  client?: GobgpClient,
): LeaseAnnouncer {
  if (gobgp === undefined) throw new Error('gobgp is not configured');
  return new LeaseAnnouncer(gobgpSpeaker(gobgp, client), MONOTONIC, {
    prefixLimit: decision.maxOverrides,
    mayAnnounce,
  });
}

/** `client` is closed with the speaker, whoever else has a use for it. */
export function gobgpSpeaker(
  { address, localPref, community, noExport }: NonNullable<ManagerConfig['gobgp']>,
  client: GobgpClient = new GobgpClient(address),
): Speaker {
  const added = [community, ...(noExport ? [NO_EXPORT] : [])];
  return {
    content: (path) => contentOf({ ...path, communities: [...path.communities, ...added] }),
    async own(prefixes) {
      const contents = new Map<string, string>();
      for await (const route of client.routes(prefixes)) {
        if (!isOwn(route, community)) continue;
        contents.set(route.prefix, route.localPref === localPref ? contentOf(route) : '');
      }
      return contents;
    },
    announce: (paths) => client.add(paths.map((path) => ownPath(path, localPref, added))),
    withdraw(prefix) {
      return client.delete(ownPath({ prefix, ...UNSPECIFIED }, localPref, added));
    },
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
}

/** The local preference of chosen routes, beside those that are there. */
import type { RouteTable } from './bgp/routes.ts';
import type { Finding } from './finding.ts';
import type { PolicyOptions } from './options.ts';
import type { Setting } from './setting.ts';

export const MAX_LOCAL_PREF = 0xffffffff;
const STEP = 100;

/** The next multiple of 100 above every local preference, the default of routers included. */
export function aboveAll({ count, localPref }: Pick<RouteTable, 'count' | 'localPref'>): number {
  let highest = STEP;
  for (let r = 0; r < count; r++) highest = Math.max(highest, localPref[r]);
  const above = (Math.floor(highest / STEP) + 1) * STEP;
  return highest < MAX_LOCAL_PREF ? Math.min(above, MAX_LOCAL_PREF) : above;
}

/** The route of the highest local preference, in words. */
export function mostPreferred(setting: Setting, routes: RouteTable): string {
  const { model, network, names } = setting;
  const best = preferred(routes);
  const session = routes.session[best];
  const { id } = model.routers[network.sessions[session].router];
  const prefix = model.prefixes.ids[routes.prefix[best]];
  return `${prefix} at ${id}, session ${names.sessions[session]}: ${routes.localPref[best]}`;
}

/** Where pairs fail: a local preference that was asked for, and that some route has, or has more of. */
export function preferenceFindings(setting: Setting, { localPref }: PolicyOptions): Finding[] {
  const routes = setting.keptApplied.applyImport(setting.received);
  if (localPref === undefined || routes.count === 0 || localPref > routes.localPref[preferred(routes)]) return [];
  const message = `localPref ${localPref} is not above that of ${mostPreferred(setting, routes)}`;
  return [{ kind: 'local-pref-exhausted', message }];
}

function preferred({ count, localPref }: RouteTable): number {
  let best = 0;
  for (let r = 1; r < count; r++) if (localPref[r] > localPref[best]) best = r;
  return best;
}

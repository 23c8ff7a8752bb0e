/**
 * What routers hold when a controller injects paths in place of import policy: it speaks iBGP with every router, and tells each
 * all of its paths (RFC 7911 where a prefix has several). Next hops resolve by the metric of the model to the router at the
 * peer; peering links cost the same everywhere.
 */
import { unreplaceable } from './allow-list.ts';
import { AppliedPolicy } from './applied-policy.ts';
import type { RouteTable } from './bgp/routes.ts';
import type { RouterPolicy } from './document.ts';
import type { Setting } from './setting.ts';

/** A policy without the import rules of the plan. */
export function withoutImport(
  policies: readonly RouterPolicy[],
  isAllowed: (prefix: string) => boolean,
): RouterPolicy[] {
  const kept = unreplaceable(policies, isAllowed);
  return policies.flatMap(({ router, sessions }, at) => {
    const left = sessions
      .map((one, s) => ({ ...one, import: kept[at].sessions[s].import }))
      .filter((one) => one.import.length + one.export.length > 0);
    return left.length === 0 ? [] : [{ router, sessions: left }];
  });
}

/** `routes` as the routers have them without the plan's import rules, and for each of those a path that is injected. */
export function withInjected(
  { model, network, names, received }: Setting,
  routes: RouteTable,
  policies: readonly RouterPolicy[],
  own: readonly RouterPolicy[],
): RouteTable {
  const rules = new AppliedPolicy(network, names, own);
  const preferred = new AppliedPolicy(network, names, policies).applyImport(received);
  /** Rows of the result: of `routes` where at least 0, of `preferred` at -1 - row. */
  const rows: number[] = [];
  const start = new Int32Array(model.prefixes.count + 1);
  for (let k = 0; k < model.prefixes.count; k++) {
    for (let r = routes.start[k]; r < routes.start[k + 1]; r++) rows.push(r);
    for (let r = routes.start[k]; r < routes.start[k + 1]; r++) {
      if (preferred.isAccepted[r] === 1 && rules.ruleFor('import', routes.session[r], k) !== null) rows.push(-1 - r);
    }
    start[k + 1] = rows.length;
  }
  const columns = Object.entries(routes).flatMap(([name, column]) => {
    if (!ArrayBuffer.isView(column) || name === 'start') return [];
    const other = preferred[name as keyof RouteTable] as Float64Array;
    const merged = new (column.constructor as Float64ArrayConstructor)(rows.length);
    for (const [at, row] of rows.entries()) merged[at] = row >= 0 ? (column as Float64Array)[row] : other[-1 - row];
    return [[name, merged] as const];
  });
  const isInjected = Uint8Array.from(rows, (row) => (row < 0 ? 1 : 0));
  return { ...routes, ...Object.fromEntries(columns), count: rows.length, start, isInjected } as RouteTable;
}

import type { ModelSummary } from '../model/validate-model.ts';
import type { Plan } from '../plan/plan.ts';
import { relativeGap } from '../problem/relative-gap.ts';
import { formatCount, formatNumber, formatPercent, formatSeconds } from './numbers.ts';
import { highestUtilization } from './plan-summary.ts';
import { formatTable } from './table.ts';

export interface DemoRow extends Pick<Plan, 'variant' | 'method' | 'status' | 'cost' | 'lowerBound' | 'gap'> {
  /** Σ of load above capacity. */
  readonly overload: number;
  readonly highestUtilization: number | null;
  readonly timeMs: number;
}

export function rowOf(plan: Plan, timeMs: number): DemoRow {
  const { variant, method, status, cost, lowerBound, gap, overload, points } = plan;
  const utilization = highestUtilization(points);
  return {
    variant,
    method,
    status,
    cost,
    lowerBound,
    gap,
    overload: overload.total,
    highestUtilization: utilization,
    timeMs,
  };
}

/** A bound holds for every plan of its variant: each row gets the best, and its gap to that. */
export function withSharedBounds(rows: readonly DemoRow[]): DemoRow[] {
  return rows.map((row) => {
    const bounds = rows.filter(({ variant }) => variant === row.variant).map(({ lowerBound }) => lowerBound);
    // Null is the strongest: no plan fits.
    const lowerBound = bounds.reduce((best, bound) => (best === null || bound === null ? null : Math.max(best, bound)));
    const isComparable = row.status !== 'overloaded' && lowerBound !== null;
    return { ...row, lowerBound, gap: isComparable ? relativeGap(row.cost, lowerBound) : null };
  });
}

export function demoText(summary: ModelSummary, rows: readonly DemoRow[], seed: number): string {
  const { points, neighbors, prefixes, pairs, advertisements, unit } = summary;
  const size = [
    formatCount(points, 'point'),
    formatCount(neighbors, 'neighbor'),
    formatCount(prefixes, 'prefix'),
    formatCount(advertisements, 'advertisement'),
    formatCount(pairs, 'pair'),
  ].join(', ');
  const table = formatTable(
    [
      { head: 'Variant', align: 'left', cell: ({ variant }) => variant },
      { head: 'Method', align: 'left', cell: ({ method }) => method },
      { head: 'Status', align: 'left', cell: ({ status }) => status },
      { head: 'Cost', align: 'right', cell: ({ cost }) => formatNumber(Math.round(cost)) },
      {
        head: 'Lower bound',
        align: 'right',
        cell: ({ lowerBound }) => formatNumber(lowerBound && Math.round(lowerBound)),
      },
      { head: 'Gap', align: 'right', cell: ({ gap }) => formatPercent(gap) },
      { head: `Overload ${unit}`, align: 'right', cell: ({ overload }) => formatNumber(overload) },
      { head: 'Highest use', align: 'right', cell: (row) => formatPercent(row.highestUtilization) },
      { head: 'Time', align: 'right', cell: ({ timeMs }) => formatSeconds(timeMs) },
    ],
    rows,
  );
  return `The backbone of GÉANT with a whole Internet table of its day:
${size}.

${table}
ses: one egress per prefix; mes: one or more. biggest-first and hot-potato (nearest exit) are the simple rules to compare
with. The gap says how far a plan can be from the best there is; it is proven. Where a plan is overloaded, its cost is
not comparable: it is cheap because it sends more than fits.

The traffic is synthetic, and so are the capacities and where peers and neighbors stand: made from seed ${seed} by the rules
in docs/import.md, not measured. Topology: Internet Topology Zoo, University of Adelaide, CC BY 4.0. Routes: RIPE
RIS, rrc00, 2000-01-11, by way of bgpkit-parser. See examples/data/README.md.
`;
}

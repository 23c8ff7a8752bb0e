/** A plan in a few lines: how good it is, where it is tight, how it came about. */
import { changeCountOf, type Plan } from '../plan/plan.ts';
import { formatCount, formatNumber, formatPercent } from './numbers.ts';
import { type Column, formatFields, formatTable } from './table.ts';

const SHOWN_POINTS = 10;
const SHOWN_OVERLOADS = 5;

type Point = Plan['points'][number];
type Side = Point['ingress'];

const STOPPED: Record<Plan['stopped'], string> = {
  done: 'nothing was left to do',
  gap: 'the gap target was reached',
  time: 'the time limit was reached',
  iterations: 'the iterations were used up',
  cancelled: 'it was interrupted',
  failed: 'the solver failed, and what it had found by then stands',
};

export function planSummary(plan: Plan): string {
  const { status, stopped, variant, method, seed, unit, phases } = plan;
  const changed = plan.objective === plan.cost ? [] : ([['Objective', formatNumber(plan.objective)]] as const);
  const fields = formatFields([
    ['Status', `${status}; ${STOPPED[stopped]}`],
    ['Variant', `${variant}, method ${method}, seed ${seed}`],
    ['Cost', formatNumber(plan.cost)],
    ...changed,
    ['Lower bound', plan.lowerBound === null ? 'none: no plan fits' : formatNumber(plan.lowerBound)],
    ['Gap', formatPercent(plan.gap)],
    ['Overload', describeOverload(plan)],
    ['Assignments', `${formatCount(plan.assignments.length, 'pair')}, ${describeChanges(plan)}`],
  ]);
  return [
    fields,
    loadTable(plan.points, unit),
    formatTable(
      [
        { head: 'Phase', align: 'left', cell: ({ phase }) => phase },
        { head: 'Iterations', align: 'right', cell: ({ iterations }) => formatNumber(iterations) },
        { head: 'Objective', align: 'right', cell: ({ objective }) => formatNumber(objective) },
        { head: 'Overload', align: 'right', cell: ({ overload }) => formatNumber(overload) },
      ],
      phases,
    ),
  ].join('\n');
}

/** The highest of all points and both sides; null where nothing has a capacity. */
export function highestUtilization(points: Plan['points']): number | null {
  return points.reduce<number | null>((highest, point) => {
    const utilization = tightness(point);
    return utilization >= 0 && (highest === null || utilization > highest) ? utilization : highest;
  }, null);
}

function describeOverload({ overload, unit }: Plan): string {
  const { total, points, leastPossible } = overload;
  if (total === 0) return 'none';
  const where = points
    .toSorted((a, b) => b.amount - a.amount)
    .slice(0, SHOWN_OVERLOADS)
    .map(({ point, side, moreCapacity }) => `${point} ${side} lacks ${formatNumber(moreCapacity)}`);
  const more = points.length > SHOWN_OVERLOADS ? [`${formatNumber(points.length - SHOWN_OVERLOADS)} more`] : [];
  const proof =
    leastPossible === null
      ? 'that no plan fits is not proven'
      : leastPossible === 0
        ? 'proven: no plan fits'
        : `proven: no plan overloads by less than ${formatNumber(leastPossible)}`;
  return `${formatNumber(total)} ${unit} (${[...where, ...more].join(', ')}); ${proof}`;
}

function describeChanges(plan: Plan): string {
  const count = changeCountOf(plan);
  const forced = plan.changes.length - count;
  const others = forced === 0 ? '' : `, ${formatNumber(forced)} whose current choice is no longer allowed`;
  return `${formatCount(count, 'change')}${others}`;
}

function loadTable(points: Plan['points'], unit: string): string {
  const used = points.filter(({ ingress, egress }) => ingress.load > 0 || egress.load > 0);
  // Ties keep the order of the plan, which is that of the ids.
  const shown = used.toSorted((a, b) => tightness(b) - tightness(a)).slice(0, SHOWN_POINTS);
  const columns: Column<Point>[] = [{ head: 'Point', align: 'left', cell: ({ id }) => id }];
  for (const name of ['ingress', 'egress'] as const) {
    columns.push(
      {
        head: `${name === 'ingress' ? 'Ingress' : 'Egress'} ${unit}`,
        align: 'right',
        cell: (point) => loadOf(point[name]),
      },
      { head: 'used', align: 'right', cell: (point) => formatPercent(point[name].utilization) },
    );
  }
  const hidden = used.length - shown.length;
  const rest = hidden > 0 ? `… and ${formatCount(hidden, 'less loaded point')}\n` : '';
  return formatTable(columns, shown) + rest;
}

/** Utilization of the fuller side; -1 where both are without a limit, and above all others where nothing may pass. */
function tightness({ ingress, egress }: Point): number {
  return Math.max(shareOf(ingress), shareOf(egress));
}

function shareOf({ load, capacity, utilization }: Side): number {
  if (utilization !== null) return utilization;
  return capacity === 0 && load > 0 ? Number.POSITIVE_INFINITY : -1;
}

function loadOf({ load, capacity }: Side): string {
  return `${formatNumber(load)} / ${capacity === null ? 'unlimited' : formatNumber(capacity)}`;
}

/** What `egresso run` shows: a table that is drawn anew at each tick, or a line of JSON. */
import type { Reallocation } from '../manager/decision/reallocator.ts';
import type { IdleTick, RunTotals } from '../manager/managed-run.ts';
import type { TickResult } from '../manager/manager.ts';
import { formatCount, formatNumber, formatPercent, printable } from './numbers.ts';
import { formatTable } from './table.ts';

const SHOWN_MOVES = 12;
const BAR_WIDTH = 24;

const WAITING = {
  connecting: 'waits for GoBGP to answer',
  reading: 'waits for the first table of routes, which is being read',
  whole: '',
};

/** The decision in one line; what was asked of the optimizer is in the audit log, here is how much of it had no answer. */
export function tickLine({ decision, measured, telemetry }: TickResult): string {
  const { reallocations, points, ...rest } = decision;
  const unansweredCount = unanswered(reallocations);
  const loads = new Map(measured.points.map(({ point, load }) => [point, load]));
  const shown = points.map((one) => ({ ...one, measured: loads.get(one.point) ?? null }));
  return `${JSON.stringify({ ...rest, points: shown, unansweredCount, telemetry })}\n`;
}

/** The last line of a run that was interrupted. */
export function endLine(withdrawnCount: number, totals: RunTotals): string {
  return `${JSON.stringify({ end: 'interrupted', withdrawnCount, totals })}\n`;
}

export class RunTable {
  readonly #unit: string;
  readonly #isAnnouncing: boolean;
  readonly #recent: string[] = [];
  #lineCount = 0;

  constructor(unit: string, isAnnouncing: boolean) {
    this.#unit = unit;
    this.#isAnnouncing = isAnnouncing;
  }

  frame(result: TickResult): string {
    return this.#over(this.#text(result));
  }

  /** In place of a frame: what was shown before is of another time. */
  idleFrame({ idle, atMs, routes: { state, error } }: IdleTick): string {
    const reason = idle === 'paused' ? 'paused, nothing is decided' : WAITING[state];
    const lines = [`${clock(atMs)}, ${this.#mode}: ${reason}`, ...(error === null ? [] : [printable(error)])];
    return this.#over(lines.map((line) => `${line}\n`).join(''));
  }

  get #mode(): string {
    return this.#isAnnouncing ? 'announcing' : 'dry run';
  }

  /** Goes up over the frame before, and clears what it had more. */
  #over(text: string): string {
    const up = this.#lineCount === 0 ? '' : `\x1b[${this.#lineCount}A\x1b[J`;
    this.#lineCount = text.split('\n').length - 1;
    return `${up}${text}`;
  }

  #text({ decision }: TickResult): string {
    const {
      tick,
      atMs,
      activity,
      points,
      changes,
      overrideCount,
      faults,
      traffic,
      reallocations,
      stuck = [],
    } = decision;
    const seen = traffic === null ? '' : `, traffic class: ${traffic.class ?? 'unknown'} of ${traffic.classCount}`;
    const head = `tick ${tick} at ${clock(atMs)}, ${this.#mode}: ${activity}, overrides: ${overrideCount}${seen}`;
    const cut = unanswered(reallocations);
    const late = cut === 0 ? [] : [`${formatCount(cut, 'question')} to the optimizer without an answer`];
    const told = faults.map(({ kind, subject }) => `${subject} ${kind}`).join(', ');
    for (const { action, prefix, from, to, volume, reason } of changes) {
      this.#recent.push(
        `${clock(atMs)}  ${action} ${prefix} (${formatNumber(volume)} ${this.#unit}): ${from} -> ${to}, ${reason}`,
      );
    }
    for (const { prefix, from, to, volume } of stuck) {
      this.#recent.push(
        `${clock(atMs)}  released, and still at ${from}: ${prefix} (${formatNumber(volume)} ${this.#unit}), not at ${to}`,
      );
    }
    this.#recent.splice(0, this.#recent.length - SHOWN_MOVES);
    const table = formatTable(
      [
        { head: 'Point', align: 'left', cell: ({ point }) => point },
        { head: `Load ${this.#unit}`, align: 'right', cell: ({ load }) => formatNumber(load) },
        {
          head: 'Use',
          align: 'right',
          cell: ({ load, capacity }) => formatPercent(load === null ? null : load / capacity),
        },
        { head: 'Low', align: 'right', cell: ({ low, capacity }) => formatPercent(low / capacity) },
        { head: 'High', align: 'right', cell: ({ high, capacity }) => formatPercent(high / capacity) },
        {
          head: '',
          align: 'left',
          cell: ({ load, capacity, isOver }) => `${bar(load, capacity)}${isOver ? ' over' : ''}`,
        },
      ],
      points,
    );
    return `${[head, ...(told === '' ? [] : [`telemetry: ${told}`]), ...late].join('\n')}\n\n${table}\n${this.#recent.map((line) => `${line}\n`).join('')}`;
  }
}

/** What the clock, or a failure, has cut, and what there was no time to ask. */
function unanswered(reallocations: readonly Reallocation[]): number {
  return reallocations.filter(({ fits }) => fits === null).length;
}

function bar(load: number | null, capacity: number): string {
  const filled = Math.round(Math.min(1, (load ?? 0) / capacity) * BAR_WIDTH);
  return `[${'='.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}]`;
}

/** Time of day; of a recording, since its start. */
function clock(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 19);
}

/** Progress on stderr: a bar where that is a terminal; elsewhere nothing, or a line per step. */
import { type GenericFormatter, Presets, SingleBar } from 'cli-progress';
import type { Progress } from '../optimizer/run/run-control.ts';
import { knownGap } from '../problem/relative-gap.ts';
import { formatNumber, formatPercent, formatSeconds } from './numbers.ts';
import type { Session } from './session.ts';

const BAR_WIDTH = 24;

export interface RunProgress {
  report(progress: Progress): void;
  /** Clears the bar; may be called again. */
  end(): void;
}

/** One run. The bar is the share of its time limit that has gone by: how far a solve has to go, nobody knows. */
export function runProgress(stderr: Session['stderr'], timeLimitMs: number): RunProgress {
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  let news = '';
  const bar = startBar(
    stderr,
    () => elapsed() / timeLimitMs,
    () => `${formatSeconds(elapsed())} ${news}`,
  );
  return {
    report(progress) {
      news = describe(progress);
    },
    end: () => bar?.stop(),
  };
}

export interface StepProgress {
  /** Runs a step and times it. */
  step<T>(name: string, work: (report: RunProgress['report']) => Promise<T>): Promise<{ result: T; ms: number }>;
  /** Clears the bar; may be called again. */
  end(): void;
}

/** A known number of steps. */
export function stepProgress(stderr: Session['stderr'], stepCount: number): StepProgress {
  const started = performance.now();
  let doneCount = 0;
  let current = '';
  let news = '';
  const bar = startBar(
    stderr,
    () => doneCount / stepCount,
    () => `${formatSeconds(performance.now() - started)} ${current} ${news}`,
  );
  return {
    async step(name, work) {
      current = name;
      news = '';
      const began = performance.now();
      const result = await work((progress) => {
        news = describe(progress);
      });
      const ms = performance.now() - began;
      doneCount++;
      if (bar === null) stderr.write(`${name}: ${formatSeconds(ms)}\n`);
      return { result, ms };
    },
    end: () => bar?.stop(),
  };
}

export interface CountProgress {
  done(news: string): void;
  /** Clears the bar; may be called again. */
  end(): void;
}

/** A known number of things that are done in any order. */
export function countProgress(stderr: Session['stderr'], count: number): CountProgress {
  const started = performance.now();
  let doneCount = 0;
  let latest = '';
  const bar = startBar(
    stderr,
    () => doneCount / count,
    () => `${formatSeconds(performance.now() - started)} ${doneCount} of ${count} ${latest}`,
  );
  return {
    done(news) {
      doneCount++;
      latest = news;
    },
    end: () => bar?.stop(),
  };
}

/** Null where stderr is no terminal. The bar redraws itself; it has no colors, so `NO_COLOR` changes nothing. */
function startBar(stderr: Session['stderr'], share: () => number, label: () => string): SingleBar | null {
  if (stderr.isTTY !== true) return null;
  const format: GenericFormatter = () => {
    const done = Math.round(Math.min(1, share()) * BAR_WIDTH);
    return `[${'='.repeat(done)}${' '.repeat(BAR_WIDTH - done)}] ${label()}`;
  };
  // `linewrap: true` cuts at the width of the terminal instead of switching its line wrapping off, which a process that
  // is killed would leave so. Interrupts are the session's.
  const options = { stream: stderr, format, clearOnComplete: true, linewrap: true, gracefulExit: false };
  const bar = new SingleBar(options, Presets.legacy);
  bar.start(1, 0);
  return bar;
}

function describe({ phase, incumbent, bound }: Progress): string {
  const parts = [phase];
  if (incumbent !== null) parts.push(`best ${formatNumber(incumbent)}`);
  if (bound !== null) parts.push(`bound ${formatNumber(bound)}`);
  const gap = knownGap(incumbent, bound);
  if (gap !== null) parts.push(`gap ${formatPercent(gap)}`);
  return parts.join(', ');
}

/** What an optimizer in a worker thread asks and tells, passed on to the main thread. */
import type { Progress, RunControl } from '../optimizer/run/run-control.ts';
import type { Choice } from '../problem/choice.ts';
import { knownGap } from '../problem/relative-gap.ts';
import { ChoiceKeeper } from './choice-keeper.ts';
import type { RunMeter } from './run-meter.ts';
import type { RunProgress, TaskMessage } from './task.ts';
import { now, type TaskState } from './task-state.ts';

/** Twice a second is promised. */
const PROGRESS_INTERVAL_MS = 250;

export interface ThreadControlOptions {
  readonly task: number;
  readonly state: TaskState;
  readonly timeLimitMs: number;
  /** An earlier end, as `now` tells. */
  readonly deadline?: number | undefined;
  readonly post: (message: TaskMessage) => void;
  readonly meter?: RunMeter;
  /** Tells the plan of the best choice so far, as it was asked for. */
  readonly onAsked?: (best: Choice | null, bound: number | null) => void;
}

export class ThreadControl implements RunControl {
  readonly #options: ThreadControlOptions;
  readonly #end: number;
  #keeper: ChoiceKeeper | undefined;
  #best: Choice | null = null;
  #told: RunProgress | undefined;
  #bound: number | null = null;
  #nextProgress = 0;
  #answered = 0;

  /** The time limit runs from now on. */
  constructor(options: ThreadControlOptions) {
    this.#options = options;
    this.#end = Math.min(now() + options.timeLimitMs, options.deadline ?? Number.POSITIVE_INFINITY);
    options.state.startLimit(this.#end);
  }

  remainingMs = (): number => {
    this.#options.state.beat();
    return this.#end - now();
  };

  cancelled = (): boolean => {
    const { state } = this.#options;
    state.beat();
    this.#answerAsked();
    return state.isCancelled;
  };

  report = (progress: Progress): void => {
    this.#options.meter?.told(progress.phase);
    this.#bound = progress.bound;
    const time = now();
    if (time < this.#nextProgress && progress.phase === this.#told?.phase) return;
    this.#nextProgress = time + PROGRESS_INTERVAL_MS;
    this.#told = { ...progress, gap: knownGap(progress.incumbent, progress.bound) };
    this.#options.post({ task: this.#options.task, kind: 'progress', progress: this.#told });
  };

  improved = (choice: Choice): void => {
    // Of a prefix without an egress of its own so far.
    if (choice.slot.includes(-1) || choice.ingress.includes(-1)) return;
    this.#best = choice;
    if (this.#keeper === undefined) {
      this.#keeper = new ChoiceKeeper(choice.slot.length);
      this.#options.post({ task: this.#options.task, kind: 'choices', choices: this.#keeper.kept });
    }
    this.#keeper.keep(choice);
  };

  #answerAsked(): void {
    const { state, onAsked } = this.#options;
    const { asked } = state;
    if (asked === this.#answered) return;
    this.#answered = asked;
    onAsked?.(this.#best, this.#bound);
  }
}

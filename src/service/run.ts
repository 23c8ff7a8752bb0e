/** One run: a request, its turns in threads, and what it has said so far. */
import { keptChoice } from './choice-keeper.ts';
import type { Answer, Failure, RemainsOfTask, RunProgress, Task, TaskMessage, TaskRequest } from './task.ts';
import { TaskState } from './task-state.ts';
import { Watchdog, type WatchdogLimits } from './watchdog.ts';

export interface RunListener {
  /** A thread has taken it. */
  started?(): void;
  progress?(progress: RunProgress): void;
}

export class Run {
  readonly id: number;
  readonly request: TaskRequest;
  /** The longest time limit that a request may ask for. */
  readonly maxTimeLimitMs: number;
  readonly answer: Promise<Answer>;
  /** When it came, ms as `performance.now` tells. */
  readonly queuedAt = performance.now();
  readonly #settle: (answer: Answer) => void;
  readonly #listener: RunListener;
  #turn: Turn | undefined;
  #isForsaken = false;
  #choices: RemainsOfTask['choices'] | undefined;
  #progress: RunProgress | undefined;
  /** Those who asked for the best plan so far, to be answered with the next. */
  #asking: ((answer: Answer | null) => void)[] = [];

  constructor(id: number, request: TaskRequest, listener: RunListener, maxTimeLimitMs = Number.POSITIVE_INFINITY) {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.id = id;
    this.request = request;
    this.maxTimeLimitMs = maxTimeLimitMs;
    this.answer = promise;
    this.#settle = resolve;
    this.#listener = listener;
  }

  /** Its next turn in a thread; the first is a search, the next finishes what the first has left. */
  take(limits: WatchdogLimits, remains?: RemainsOfTask): Turn {
    if (remains === undefined) this.#listener.started?.();
    const turn = new Turn(this, limits, remains);
    this.#turn = turn;
    return turn;
  }

  /** It was cancelled, and nobody waits for its plan. */
  get isForsaken(): boolean {
    return this.#isForsaken;
  }

  forsake(): void {
    this.#isForsaken = true;
  }

  end(answer: Answer): void {
    this.#settle(answer);
    this.#answerAsking(null);
  }

  hear(message: TaskMessage): void {
    if (message.kind === 'choices') this.#choices = message.choices;
    else if (message.kind === 'best') this.#answerAsking(message.answer);
    else {
      this.#progress = message.progress;
      this.#listener.progress?.(message.progress);
    }
  }

  /** What an ended thread has left; undefined where there is no choice. */
  remains(stopped: RemainsOfTask['stopped']): RemainsOfTask | undefined {
    if (this.#choices === undefined || keptChoice(this.#choices) === null) return undefined;
    return { choices: this.#choices, lowerBound: this.#progress?.bound ?? null, stopped };
  }

  /** The plan of the best choice so far; null where the run has not begun, or ends before it could tell. */
  async bestPlan(): Promise<Answer | null> {
    if (this.#turn === undefined) return null;
    const { promise, resolve } = Promise.withResolvers<Answer | null>();
    this.#asking.push(resolve);
    this.#turn.state.askForBest();
    return promise;
  }

  #answerAsking(answer: Answer | null): void {
    const asking = this.#asking;
    this.#asking = [];
    for (const resolve of asking) resolve(answer);
  }
}

/** One thread at work on a run. */
export class Turn {
  readonly run: Run;
  readonly state = new TaskState();
  readonly task: Task;
  readonly isSearch: boolean;
  readonly #watchdog: Watchdog;
  readonly #kill = new AbortController();
  /** Why the watchdog ended the thread. */
  #killed: RemainsOfTask['stopped'] | null = null;
  #isExhausted = false;

  constructor(run: Run, limits: WatchdogLimits, remains?: RemainsOfTask) {
    this.run = run;
    this.isSearch = remains === undefined;
    const { id, maxTimeLimitMs, request } = run;
    this.task = { ...request, id, maxTimeLimitMs, state: this.state.shared, ...(remains !== undefined && { remains }) };
    this.#watchdog = new Watchdog(this.state, run.request.body.byteLength, limits);
  }

  get kill(): AbortSignal {
    return this.#kill.signal;
  }

  get killed(): RemainsOfTask['stopped'] | null {
    return this.#killed;
  }

  /** Ends the thread where it has to be ended. */
  watch(now: number): void {
    const verdict = this.#watchdog.verdict(now);
    if (verdict === null || this.#killed !== null) return;
    this.#killed = verdict;
    this.#kill.abort();
  }

  /** The thread was ended because its memory ran out. */
  get isExhausted(): boolean {
    return this.#isExhausted;
  }

  exhaust(): void {
    this.#isExhausted = true;
    this.#kill.abort();
  }

  abandon(): void {
    this.#kill.abort();
  }
}

export function failure(code: Failure['code'], message: string): Failure {
  return { ok: false, code, message, errors: [], errorCount: 0 };
}

/** What travels between the main thread and a worker thread. Large bytes are shared or transferred, never cloned. */
import type { ErrorCode, Fault } from '../errors.ts';
import type { Compression } from '../formats/compression.ts';
import type { KeptChoices } from './choice-keeper.ts';
import type { MediaType } from './media-type.ts';
import type { PlanSummary } from './plan-summary.ts';
import type { TaskWords } from './task-state.ts';

/**
 * `recode` gives the value of the body back, in the media type of the answer. `split` looks at a batch as a whole; `vary`
 * solves one of its variations.
 */
export type Operation = 'solve' | 'gap' | 'validate' | 'policy' | 'explain' | 'recode' | 'split' | 'vary';

export interface TaskRequest {
  readonly operation: Operation;
  /** The body as it came. Shared, so that another thread can go on where one had to be ended. */
  readonly body: SharedArrayBuffer;
  readonly bodyType: MediaType;
  /** Where the body is compressed: how, and how large it may become, bytes. */
  readonly compressed?: CompressedBody | undefined;
  readonly answerType: MediaType;
  /** Of `vary`: which variation, from 0, and a name by which its batch is known again. */
  readonly item?: number;
  readonly batch?: string;
  /** A run ends at this time whatever its time limit, as `now` of the threads tells. */
  readonly deadline?: number;
}

export interface CompressedBody {
  readonly compression: Compression;
  readonly decodedLimit: number;
}

export interface Task extends TaskRequest {
  /** The longest time limit that a request may ask for. */
  readonly maxTimeLimitMs?: number;
  /** Names the task in the messages of its thread. */
  readonly id: number;
  readonly state: TaskWords;
  /** Instead of a search: the plan of what a thread left that had to be ended. */
  readonly remains?: RemainsOfTask;
}

export interface RemainsOfTask {
  readonly choices: KeptChoices;
  readonly lowerBound: number | null;
  readonly stopped: 'time' | 'cancelled' | 'failed';
}

/** A thread after a task. */
export interface ThreadReport {
  readonly id: number;
  /** Heap, array buffers and WebAssembly memory, in use or not, bytes. */
  readonly memoryBytes: number;
}

export interface Success {
  readonly ok: true;
  readonly thread?: ThreadReport | undefined;
  /** The encoded answer, owned by the main thread afterwards. */
  readonly body: ArrayBuffer;
  readonly timing: Timing;
  readonly measures?: RunMeasures | undefined;
  /** Of a plan. */
  readonly summary?: PlanSummary;
  /** Of a split: the names of the variations. */
  readonly names?: readonly string[];
}

/** What a run has taken, for the metrics. */
export interface RunMeasures {
  /** Milliseconds in WebAssembly kernels, and in HiGHS. */
  readonly kernelsMs: number;
  readonly highsMs: number;
  /** Milliseconds by phase of the optimizer. */
  readonly phaseMs: Readonly<Record<string, number>>;
}

/** Milliseconds of each step. */
export interface Timing {
  readonly decode: number;
  readonly run: number;
  readonly encode: number;
}

/** A fault as data: an error that a worker throws would lose its code on the way. */
export interface Failure {
  readonly ok: false;
  readonly thread?: ThreadReport | undefined;
  readonly code: ErrorCode;
  readonly message: string;
  readonly errors: readonly Fault[];
  readonly errorCount: number;
  /** For the log; never part of an answer. */
  readonly stack?: string | undefined;
  /** Thread that must not be used again: its solver may be in any state. */
  readonly spentThread?: number | undefined;
}

export type Answer = Success | Failure;

/** How far a run has come. */
export interface RunProgress {
  readonly phase: string;
  /** Objective of the best plan so far; null before there is one or while it is overloaded. */
  readonly incumbent: number | null;
  readonly bound: number | null;
  /** (incumbent − bound) / incumbent; null where one of them is. */
  readonly gap: number | null;
}

/** What a thread tells while its task runs. */
export type TaskMessage =
  | { readonly task: number; readonly kind: 'progress'; readonly progress: RunProgress }
  /** Where the thread keeps its best choice from now on. */
  | { readonly task: number; readonly kind: 'choices'; readonly choices: KeptChoices }
  /** The plan of the best choice so far, as it was asked for. */
  | { readonly task: number; readonly kind: 'best'; readonly answer: Answer };

/** Sent once by every worker thread, after its solver and kernels have run. */
export interface LoadedMessage {
  readonly loadedThread: number;
}

export type ThreadMessage = LoadedMessage | TaskMessage;

/** What travels between the main thread and a worker thread. Bytes are transferred, never cloned. */
import type { ErrorCode, Fault } from '../errors.ts';
import type { MediaType } from './media-type.ts';

export type Operation = 'solve' | 'gap' | 'validate';

export interface TaskRequest {
  readonly operation: Operation;
  /** The body as it came; owned by the worker thread afterwards, detached here. */
  readonly body: ArrayBuffer;
  readonly bodyType: MediaType;
  readonly answerType: MediaType;
}

export interface Task extends TaskRequest {
  /** Int32 [1]; the main thread writes 1 where nobody waits for the answer any more. */
  readonly cancel: SharedArrayBuffer;
}

export interface Success {
  readonly ok: true;
  /** The encoded answer, owned by the main thread afterwards. */
  readonly body: ArrayBuffer;
  readonly timing: Timing;
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

/** Sent once by every worker thread, after its solver and kernels have run. */
export interface LoadedMessage {
  readonly loadedThread: number;
}

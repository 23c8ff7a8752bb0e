/** What travels between the command and its solver thread. */
import type { ErrorCode, Fault } from '../errors.ts';
import type { ImportOptions } from '../formats/import-options.ts';
import type { GapOptions, SolveOptions } from '../model/options.ts';
import type { Progress } from '../optimizer/run/run-control.ts';
import type { GapInstance } from '../problem/gap-instance.ts';
import type { ModelBytes } from './model-file.ts';

/** `decode` and `import` set the model that every later `solve` is for. Files of an import are paths. */
export type Task =
  | { readonly kind: 'decode'; readonly model: ModelBytes }
  | { readonly kind: 'import'; readonly options: ImportOptions }
  | { readonly kind: 'solve'; readonly options: SolveOptions }
  | { readonly kind: 'assign'; readonly instance: GapInstance; readonly options: GapOptions };

/** Given once, when the thread starts. */
export interface ThreadData {
  /** Int32 [1], shared; 1 where the run is to stop. */
  readonly cancel: Int32Array;
}

export type Reply =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'fault'; readonly fault: ThreadFault };

/** An error loses its code on the way between threads. */
export interface ThreadFault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly errors: readonly Fault[];
  readonly errorCount: number;
  readonly stack: string | undefined;
}

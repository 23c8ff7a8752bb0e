/** Bodies of requests, decoded, to what the library takes: every fault found, its pointer counted from the body. */
import { EgressoError, ERROR_CATALOG, type ErrorCode, type Fault } from '../errors.ts';
import { parseGapPayload } from '../formats/gap-payload.ts';
import { buildModel } from '../model/build-model.ts';
import { isPlainObject } from '../model/column.ts';
import { pointerTo, shown } from '../model/fault-list.ts';
import type { NetworkModel } from '../model/network-model.ts';
import { type GapOptions, parseGapOptions, parseOptions, type SolveOptions } from '../model/options.ts';
import { denseGap, type GapInstance } from '../problem/gap-instance.ts';

export interface SolveRequest {
  readonly model: NetworkModel;
  readonly options: SolveOptions;
}

/**
 * `{model, options}`. Errors: REQUEST_INVALID, MODEL_INVALID, OPTIONS_INVALID; the first of them that applies.
 *
 * @param maxTimeLimitMs that may be asked for.
 */
export function parseSolveRequest(body: unknown, maxTimeLimitMs = Number.POSITIVE_INFINITY): SolveRequest {
  const { model, options = {}, ...unknown } = members(body);
  const parts = new Parts();
  for (const key of Object.keys(unknown)) {
    parts.add('REQUEST_INVALID', pointerTo(key), 'unknown key; expected are model, options');
  }
  if (model === undefined) parts.add('REQUEST_INVALID', '/model', 'is missing');
  const built = model === undefined ? undefined : parts.parse('/model', () => buildModel(model));
  const completed = parts.parse('', () => withinLimit(options, parseOptions(options, '/options'), maxTimeLimitMs));
  return { model: parts.sound(built), options: parts.sound(completed) };
}

/** `{costs, weights, capacities, forbidden, options}`. Errors: REQUEST_INVALID, GAP_INVALID, OPTIONS_INVALID. */
export function parseGapRequest(
  body: unknown,
  maxTimeLimitMs = Number.POSITIVE_INFINITY,
): { instance: GapInstance; options: GapOptions } {
  const { options = {}, ...tables } = members(body);
  const parts = new Parts();
  const parsed = parts.parse('', () => parseGapPayload(tables));
  const completed = parts.parse('', () => withinLimit(options, parseGapOptions(options, '/options'), maxTimeLimitMs));
  return { instance: denseGap(parts.sound(parsed)), options: parts.sound(completed) };
}

/** A default above the limit becomes the limit. Errors: OPTIONS_INVALID where more was asked for. */
export function withinLimit<T extends { readonly timeLimitMs: number }>(given: unknown, options: T, mostMs: number): T {
  const { timeLimitMs } = options;
  if (timeLimitMs <= mostMs) return options;
  if ((given as Partial<T>).timeLimitMs === undefined) return { ...options, timeLimitMs: mostMs };
  const fault = { pointer: '/options/timeLimitMs', message: `must be at most ${mostMs} here, not ${timeLimitMs}` };
  throw new EgressoError('OPTIONS_INVALID', `${fault.pointer}: ${fault.message}`, [fault]);
}

/** The same error, its pointers counted from one level further out. */
export function below(base: string, error: EgressoError): EgressoError {
  const errors = error.errors.map(({ pointer, message }) => ({ pointer: `${base}${pointer}`, message }));
  return new EgressoError(error.code, error.message, errors, error.errorCount);
}

/** Collects the faults of the parts of a body, so that all are told at once. */
export class Parts {
  #first: { code: ErrorCode; message: string } | undefined;
  readonly #faults: Fault[] = [];
  #count = 0;

  add(code: ErrorCode, pointer: string, message: string): void {
    this.#take(new EgressoError(code, `${pointer}: ${message}`, [{ pointer, message }]));
  }

  /** Undefined where the part has faults. */
  parse<T>(base: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof EgressoError) || ERROR_CATALOG[error.code].status !== 400) throw error;
      this.#take(below(base, error));
      return undefined;
    }
  }

  /** The part, where no part has faults. */
  sound<T>(part: T | undefined): T {
    if (this.#first === undefined) return part as T;
    throw new EgressoError(this.#first.code, this.#first.message, this.#faults, this.#count);
  }

  #take(error: EgressoError): void {
    this.#first ??= { code: error.code, message: error.message };
    this.#faults.push(...error.errors);
    this.#count += error.errorCount;
  }
}

export function members(body: unknown): Readonly<Record<string, unknown>> {
  if (isPlainObject(body)) return body;
  const message = `must be an object, not ${shown(body)}`;
  throw new EgressoError('REQUEST_INVALID', `the body ${message}`, [{ pointer: '', message }]);
}

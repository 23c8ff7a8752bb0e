import { EgressoError, type ErrorCode, type Fault, MAX_LISTED_FAULTS } from '../errors.ts';

/** Collects the faults of one input, so that all are told at once; keeps only as many as will be listed. */
export class FaultList {
  readonly #faults: Fault[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Texts may be functions, called only for a fault that will be listed. */
  add(pointer: string | (() => string), message: string | (() => string)): void {
    this.#count++;
    if (this.#faults.length >= MAX_LISTED_FAULTS) return;
    this.#faults.push({ pointer: textOf(pointer), message: textOf(message) });
  }

  /** The error that tells all faults; its own message tells the first. There has to be one. */
  toError(code: ErrorCode, noun: string): EgressoError {
    const [first] = this.#faults;
    const more = this.#count > 1 ? ` (and ${this.#count - 1} more)` : '';
    const message = `${noun} has a fault at "${first.pointer}": ${first.message}${more}`;
    return new EgressoError(code, message, this.#faults, this.#count);
  }
}

function textOf(text: string | (() => string)): string {
  return typeof text === 'string' ? text : text();
}

/** RFC 6901 pointer to the value that the tokens lead to. */
export function pointerTo(...tokens: readonly (string | number)[]): string {
  return tokens.map((token) => `/${String(token).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

const MAX_SHOWN_LENGTH = 60;

/** A value from outside, short enough for a message. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > MAX_SHOWN_LENGTH ? `${value.slice(0, MAX_SHOWN_LENGTH - 3)}...` : value);
  }
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return value === undefined ? 'nothing' : String(value).slice(0, MAX_SHOWN_LENGTH);
}

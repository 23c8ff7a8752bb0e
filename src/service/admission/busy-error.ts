import { EgressoError } from '../../errors.ts';

/** A request that would be taken later. */
export class BusyError extends EgressoError {
  /** When to try again. */
  readonly retryAfterSeconds: number;

  constructor(code: 'SERVICE_BUSY' | 'MEMORY_LIMITED', message: string, retryAfterSeconds: number) {
    super(code, message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

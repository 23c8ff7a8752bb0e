/**
 * The catalog of error codes: one entry per fault that a user can meet.
 *
 * A fault is an `EgressoError`. Overloaded, infeasible and timed-out runs are results, never errors.
 * Each entry fixes the HTTP status (RFC 9457 problem+json) and the exit code of the command line.
 */
export interface ErrorKind {
  /** HTTP status of the problem document. */
  readonly status: number;
  /** Exit code of the `egresso` command. */
  readonly exitCode: number;
  /** One line that stays the same for every occurrence. */
  readonly title: string;
}

export const ERROR_CATALOG = {
  BODY_MALFORMED: { status: 400, exitCode: 2, title: 'The body is not well-formed JSON or msgpack.' },
  BODY_TOO_LARGE: { status: 413, exitCode: 2, title: 'The body is larger than the service takes.' },
  MEDIA_TYPE_UNSUPPORTED: { status: 415, exitCode: 2, title: 'The body has a media type that is not supported.' },
  REQUEST_INVALID: { status: 400, exitCode: 2, title: 'The request does not have the expected shape.' },
  MODEL_INVALID: { status: 400, exitCode: 2, title: 'The model has faults.' },
  OPTIONS_INVALID: { status: 400, exitCode: 2, title: 'The options have faults.' },
  GAP_INVALID: { status: 400, exitCode: 2, title: 'The assignment instance has faults.' },
  FILE_UNREADABLE: { status: 400, exitCode: 2, title: 'A file cannot be read or written.' },
  FORMAT_INVALID: { status: 400, exitCode: 2, title: 'A file does not have the expected format.' },
  USAGE: { status: 400, exitCode: 2, title: 'The command is used wrongly.' },
  NO_ENFORCEABLE_EGRESS: {
    status: 400,
    exitCode: 2,
    title: 'A prefix has no choice of egress that BGP could enforce for all of its neighbors.',
  },
  PLAN_INVALID: { status: 400, exitCode: 2, title: 'The plan has faults, or is for another model.' },
  POLICY_INVALID: { status: 400, exitCode: 2, title: 'A routing policy has faults, or cannot be read.' },
  STEPS_TOO_LARGE: {
    status: 400,
    exitCode: 2,
    title: 'The texts of all steps of a change are too large for one answer.',
  },
  EXACT_TOO_LARGE: { status: 400, exitCode: 2, title: 'The instance is too large for the exact method.' },
  UNAUTHENTICATED: { status: 401, exitCode: 2, title: 'The request carries no key that the service knows.' },
  FORBIDDEN: { status: 403, exitCode: 2, title: 'The key does not have the role that the resource asks for.' },
  ROUTE_NOT_FOUND: { status: 404, exitCode: 2, title: 'There is no such resource.' },
  PLAN_NOT_FOUND: { status: 404, exitCode: 4, title: 'There is no plan, or none yet.' },
  JOB_NOT_FOUND: { status: 404, exitCode: 2, title: 'There is no such job.' },
  METHOD_NOT_ALLOWED: { status: 405, exitCode: 2, title: 'The resource does not take this method.' },
  NOT_ACCEPTABLE: { status: 406, exitCode: 2, title: 'No media type that the client accepts can be answered with.' },
  REQUEST_TIMEOUT: { status: 408, exitCode: 2, title: 'The request did not arrive in time.' },
  EXPECTATION_FAILED: { status: 417, exitCode: 2, title: 'The request expects what the service does not do.' },
  RATE_LIMITED: { status: 429, exitCode: 5, title: 'The key has sent too many requests.' },
  MEMORY_LIMITED: { status: 429, exitCode: 5, title: 'The requests of the key take as much memory as it may have.' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, exitCode: 2, title: 'The idempotency key came with another body before.' },
  HEADERS_TOO_LARGE: { status: 431, exitCode: 2, title: 'The header fields are larger than the service takes.' },
  SERVICE_BUSY: { status: 503, exitCode: 5, title: 'The service has no room for the request now.' },
  SERVICE_UNAVAILABLE: { status: 503, exitCode: 5, title: 'The service cannot be reached or started.' },
  STORAGE_UNAVAILABLE: { status: 503, exitCode: 5, title: 'The service cannot keep jobs now.' },
  STOPPED_WITHOUT_PLAN: { status: 504, exitCode: 4, title: 'A limit ended the run before there was a plan.' },
  DEADLINE_PASSED: { status: 504, exitCode: 4, title: 'The deadline of the job passed before it was started.' },
  INTERRUPTED: { status: 503, exitCode: 130, title: 'The run was interrupted.' },
  SOLVER_FAILED: { status: 500, exitCode: 1, title: 'The linear or integer solver failed.' },
  CHECK_FAILED: { status: 500, exitCode: 1, title: 'A plan did not pass the independent check.' },
  WORKER_DIED: { status: 500, exitCode: 1, title: 'The thread that ran the request died.' },
  ATTEMPTS_EXHAUSTED: { status: 500, exitCode: 1, title: 'Every process that ran the job died.' },
  JOB_DATA_LOST: { status: 500, exitCode: 1, title: 'What was kept of the job is gone, or has changed.' },
  INTERNAL: { status: 500, exitCode: 1, title: 'An internal error occurred.' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_CATALOG;

/** One fault in an input: an RFC 6901 JSON pointer ("" is the whole document) and what is wrong there. */
export interface Fault {
  readonly pointer: string;
  readonly message: string;
}

/** At most this many faults are listed; `errorCount` counts all. */
export const MAX_LISTED_FAULTS = 1000;

export class EgressoError extends Error {
  readonly code: ErrorCode;
  /** The first `MAX_LISTED_FAULTS` faults; empty where a fault has no place in an input. */
  readonly errors: readonly Fault[];
  /** How many faults there are, listed or not. */
  readonly errorCount: number;

  constructor(code: ErrorCode, message: string, errors: readonly Fault[] = [], errorCount = errors.length) {
    super(message);
    this.name = 'EgressoError';
    this.code = code;
    this.errors = errors.slice(0, MAX_LISTED_FAULTS);
    this.errorCount = errorCount;
  }

  get kind(): ErrorKind {
    return ERROR_CATALOG[this.code];
  }
}

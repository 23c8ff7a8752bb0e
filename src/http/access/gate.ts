/** Before anything else of a request: who sends it, may it, and not too often. */
import { EgressoError, type ErrorCode } from '../../errors.ts';
import { type Access, ANONYMOUS, type Caller, LOCAL_CALLER, mayUse } from './caller.ts';
import type { KeySet } from './key-set.ts';
import { RateLimiter } from './rate-limiter.ts';

/** What a request says of itself. */
export interface Credentials {
  readonly authorization: string | undefined;
  /** Of the header field Host, without the port. */
  readonly hostname: string;
}

const LOOPBACK_NAME = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;
const BEARER = /^Bearer +([^ ]+) *$/i;

/** A request that is not let in. */
export class Refusal extends EgressoError {
  /** Header fields of the answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Who it was, as far as is known. */
  readonly caller: Caller;

  constructor(code: ErrorCode, message: string, headers: Refusal['headers'] = {}, caller = ANONYMOUS) {
    super(code, message);
    this.headers = headers;
    this.caller = caller;
  }
}

export class Gate {
  readonly #keys: KeySet | undefined;
  readonly #limiter = new RateLimiter();

  /** Without keys everybody who names this machine is the local caller. */
  constructor(keys: KeySet | undefined) {
    this.#keys = keys;
  }

  get hasKeys(): boolean {
    return this.#keys !== undefined;
  }

  /**
   * @param now milliseconds on a clock that never goes back.
   * @throws Refusal UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED.
   */
  admit({ authorization, hostname }: Credentials, access: Access, now: number): Caller {
    if (access === 'public') return ANONYMOUS;
    if (this.#keys === undefined) {
      refuseOtherNames(hostname);
      return LOCAL_CALLER;
    }
    const caller = authenticate(authorization, this.#keys);
    authorize(caller, access);
    this.#limit(caller, now);
    return caller;
  }

  #limit(caller: Caller, now: number): void {
    const wait = this.#limiter.take(caller, now);
    if (wait === 0) return;
    const { id, requestsPerMinute } = caller;
    const headers = { 'retry-after': String(Math.ceil(wait / 1000)) };
    throw new Refusal('RATE_LIMITED', `the key ${id} may send ${requestsPerMinute} requests a minute`, headers, caller);
  }
}

/** A page of another site may let its name stand for this machine: its scripts would be let in. */
function refuseOtherNames(hostname: string): void {
  if (LOOPBACK_NAME.test(hostname)) return;
  const message = `without keys requests are taken for names of this machine only, not for ${JSON.stringify(hostname)}`;
  throw new Refusal('FORBIDDEN', message);
}

function authenticate(authorization: string | undefined, keys: KeySet): Caller {
  if (authorization === undefined) {
    const message = 'the header field Authorization is missing; it has to say Bearer and a key';
    throw new Refusal('UNAUTHENTICATED', message, challenge());
  }
  const [, key = ''] = BEARER.exec(authorization) ?? [];
  const caller = keys.callerOf(key);
  if (caller !== undefined) return caller;
  const message = 'the header field Authorization holds no key that is known here';
  throw new Refusal('UNAUTHENTICATED', message, challenge('invalid_token'));
}

function authorize(caller: Caller, access: Access): void {
  if (mayUse(caller, access)) return;
  const headers = challenge('insufficient_scope');
  throw new Refusal('FORBIDDEN', `the key ${caller.id} has not the role ${access}`, headers, caller);
}

/** RFC 6750, 3: the error is told only where there were credentials. */
function challenge(error?: 'invalid_token' | 'insufficient_scope'): Refusal['headers'] {
  return { 'www-authenticate': `Bearer realm="egresso"${error === undefined ? '' : `, error="${error}"`}` };
}

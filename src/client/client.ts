/** A client of the HTTP service for browsers and Node: `fetch`, and the types of the OpenAPI document. */
import type { BatchItem, Job, Operations, Problem } from './operations.ts';

export type { Batch, BatchItem, Job, Model, Operations, Plan, Problem } from './operations.ts';

type Name = keyof Operations;
type Given<N extends Name> = Omit<Operations[N], 'answer'>;

export interface ClientOptions {
  /** Bearer key, where the service asks for one. */
  readonly key?: string;
  /** In place of the global one. */
  readonly fetch?: typeof fetch;
}

/** What the service refused, or could not do. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

export class EgressoClient {
  readonly #url: string;
  readonly #options: ClientOptions;

  /** `url` such as http://127.0.0.1:8080. */
  constructor(url: string, options: ClientOptions = {}) {
    this.#url = url.replace(/\/$/, '');
    this.#options = options;
  }

  /**
   * One operation, by its method and path: `client.request('GET /v1/jobs/{id}', { path: { id } })`. Text where the answer is
   * no JSON.
   *
   * @throws ProblemError
   */
  async request<N extends Name>(name: N, given: Given<N>, signal?: AbortSignal): Promise<Operations[N]['answer']> {
    const response = await this.#send(name, given, signal);
    const type = response.headers.get('content-type') ?? '';
    const isJson = type.startsWith('application/json');
    const answer: unknown = response.status === 204 ? null : await (isJson ? response.json() : response.text());
    return answer as Operations[N]['answer'];
  }

  /**
   * Asks every `intervalMs` whether the job has ended; a service that is away for some time is asked again.
   *
   * Errors: ProblemError; what `signal` was aborted with.
   */
  async untilEnded(id: string, intervalMs = 500, signal?: AbortSignal): Promise<Job> {
    for (let lost = 0; ; ) {
      try {
        const job = await this.request('GET /v1/jobs/{id}', { path: { id } }, signal);
        if (job.endedAt !== null) return job;
        lost = 0;
      } catch (error) {
        if (signal?.aborted || !isTemporary(error) || ++lost > LOST_ATTEMPTS) throw error;
      }
      await pause(lost === 0 ? intervalMs : Math.max(intervalMs, LOST_MS), signal);
    }
  }

  /**
   * The items of a batch as they end, until it has ended. Where the connection breaks off, it is taken up behind the last.
   *
   * @param after the `sequence` of an item: only those behind it.
   *
   * Errors: ProblemError; what `signal` was aborted with.
   */
  async *results(id: string, signal?: AbortSignal, after = 0): AsyncGenerator<BatchItem> {
    let last = after;
    for (let lost = 0; ; ) {
      try {
        for await (const item of this.#resultsAfter(id, last, signal)) {
          [last, lost] = [item.sequence, 0];
          yield item;
        }
        return;
      } catch (error) {
        if (signal?.aborted || !isTemporary(error) || ++lost > LOST_ATTEMPTS) throw error;
        await pause(LOST_MS, signal);
      }
    }
  }

  async *#resultsAfter(id: string, after: number, signal?: AbortSignal): AsyncGenerator<BatchItem> {
    const response = await this.#send('GET /v1/batches/{id}/results', { path: { id }, query: { after } }, signal);
    let rest = '';
    for await (const text of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() as string;
      for (const line of lines) yield JSON.parse(line) as BatchItem;
    }
  }

  async #send(name: Name, given: object, signal?: AbortSignal): Promise<Response> {
    const { path = {}, query = {}, header = {}, body } = given as Parts;
    const [method, template] = name.split(' ');
    const url = new URL(
      this.#url + template.replaceAll(/\{(\w+)\}/g, (_, part: string) => encodeURIComponent(String(path[part]))),
    );
    for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, String(value));
    const { key, fetch: send = fetch } = this.#options;
    const headers = new Headers({ accept: '*/*' });
    for (const [field, value] of Object.entries(header)) if (value !== undefined) headers.set(field, String(value));
    if (key !== undefined) headers.set('authorization', `Bearer ${key}`);
    if (body !== undefined) headers.set('content-type', 'application/json');
    const response = await send(url, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    });
    if (response.ok) return response;
    throw new ProblemError(await problemIn(response));
  }
}

const LOST_ATTEMPTS = 30;
const LOST_MS = 1000;

/** A connection that was lost, or a service that asks to come again. */
function isTemporary(error: unknown): boolean {
  return error instanceof ProblemError
    ? [429, 502, 503, 504].includes(error.problem.status)
    : error instanceof TypeError;
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = (): void => reject(signal?.reason);
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(resolve, milliseconds);
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  });
}

/** What stands between, such as a proxy, has answers of its own. */
async function problemIn(response: Response): Promise<Problem> {
  const { status, statusText } = response;
  const text = await response.text();
  try {
    return JSON.parse(text) as Problem;
  } catch {
    const detail = text.slice(0, 200) || statusText;
    return {
      type: 'about:blank',
      title: statusText,
      status,
      detail,
      code: 'SERVICE_UNAVAILABLE',
      errors: [],
      errorCount: 0,
    };
  }
}

interface Parts {
  readonly path?: Record<string, unknown>;
  readonly query?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly body?: unknown;
}

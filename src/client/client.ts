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

  /** Asks every `intervalMs` whether the job has ended. Errors: ProblemError. */
  async untilEnded(id: string, intervalMs = 500, signal?: AbortSignal): Promise<Job> {
    for (;;) {
      const job = await this.request('GET /v1/jobs/{id}', { path: { id } }, signal);
      if (job.endedAt !== null) return job;
      await new Promise((resolve) => setTimeout(resolve, intervalMs));
    }
  }

  /** The items of a batch as they end. Errors: ProblemError. */
  async *results(id: string, signal?: AbortSignal): AsyncGenerator<BatchItem> {
    const response = await this.#send('GET /v1/batches/{id}/results', { path: { id } }, signal);
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
    throw new ProblemError((await response.json()) as Problem);
  }
}

interface Parts {
  readonly path?: Record<string, unknown>;
  readonly query?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly body?: unknown;
}

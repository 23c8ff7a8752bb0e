/** The service as a process of its own, as an operator starts it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAIN } from '../cli/run-cli.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface SentRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array | string;
}

export class ServiceProcess {
  readonly #child: ChildProcess;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly port: number;
  /** Where its jobs are kept. */
  readonly directory: string;

  private constructor(child: ChildProcess, port: number, directory: string) {
    this.#child = child;
    this.port = port;
    this.directory = directory;
  }

  static async start(argv: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<ServiceProcess> {
    const directory = mkdtempSync(join(tmpdir(), 'egresso-'));
    const child = spawn(process.execPath, [MAIN, 'serve', '--port', '0', '--data', directory, ...argv], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', process.env.SHOW ? 'inherit' : 'ignore'],
    });
    const [line] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [Buffer];
    const port = /:(\d+)\n/.exec(String(line))?.[1];
    if (port === undefined) throw new Error(`the service did not start: ${line}`);
    return new ServiceProcess(child, Number(port), directory);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resident memory, bytes. */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
  }

  /** One request over kept connections. */
  send({ method = 'POST', path, headers = {}, body = '' }: SentRequest): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
    const sent = request(
      {
        host: '127.0.0.1',
        port: this.port,
        agent: this.#agent,
        method,
        path,
        headers: { 'content-length': String(length), ...headers },
      },
      async (answer) => {
        try {
          const chunks = await answer.toArray();
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) });
        } catch (error) {
          reject(error);
        }
      },
    );
    sent.on('error', reject);
    sent.end(body);
    return promise;
  }

  /** The exit code after SIGTERM, and how long it took, ms. Connections that are kept are those of requests in flight. */
  async stop({ keepsConnections = false } = {}): Promise<{ code: number | null; tookMs: number }> {
    if (!keepsConnections) this.#agent.destroy();
    if (!this.isAlive) return { code: this.#child.exitCode, tookMs: 0 };
    const started = performance.now();
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const [code] = (await ended) as [number | null];
    rmSync(this.directory, { recursive: true, force: true });
    return { code, tookMs: performance.now() - started };
  }
}

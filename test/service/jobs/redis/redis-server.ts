/** A real Redis on a port of its own, every write on disk; it may be killed and started again. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

const FIRST_PORT = 20_000;
const PORT_COUNT = 12_000;

export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  /** `kill -9`, and a new process over the same files. */
  restart(): Promise<void>;
  /** `kill -9`, until `start`. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** From its Debian package, which is installed where it is missing. `more` are settings such as `--maxmemory 20mb`. */
export async function startRedis(more: readonly string[] = []): Promise<RedisServer> {
  provideRedisServer();
  const directory = mkdtempSync(join(tmpdir(), 'egresso-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', ''];
    const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction'];
    const server = spawn('redis-server', [...settings, ...durable, ...more], { stdio: 'ignore' });
    child = server;
    const ended = once(server, 'exit').then(() => {
      if (child === server) throw new Error(`redis-server ended before it answered at port ${port}`);
    });
    const probe = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null }).on('error', () => {});
    probe.on('error', () => {});
    // Of one that asks for a password, a refusal is an answer.
    const answered = probe.ping().catch(() => {});
    await Promise.race([answered, ended]).finally(() => probe.disconnect());
    ended.catch(() => {});
  };
  const stop = async (): Promise<void> => {
    const ending = child;
    child = undefined;
    if (ending === undefined) return;
    const closed = once(ending, 'close');
    ending.kill('SIGKILL');
    await closed;
  };
  await start();
  return {
    url,
    start,
    stop,
    async restart() {
      await stop();
      await start();
    },
    async [Symbol.asyncDispose]() {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function provideRedisServer(): void {
  if (spawnSync('redis-server', ['--version']).status === 0) return;
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  spawnSync('apt-get', ['update', '-qq'], options);
  // The server alone, not its service.
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'], options);
  if (spawnSync('redis-server', ['--version']).status === 0) return;
  throw new Error('redis-server is missing, and could not be installed: apt-get install redis-server');
}

/**
 * Below those that the kernel gives to connections: while the server is away, one that is tried again and again would at last
 * have the port itself, and the server could not come back to it.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(PORT_COUNT * Math.random());
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

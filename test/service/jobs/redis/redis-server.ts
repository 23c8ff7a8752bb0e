/** A real Redis on a port of its own, every write on disk; it may be killed and started again. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

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
    child = spawn('redis-server', [...settings, ...durable, ...more], { stdio: 'ignore' });
    const probe = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null }).on('error', () => {});
    probe.on('error', () => {});
    // Of one that asks for a password, a refusal is an answer.
    await probe.ping().catch(() => {});
    probe.disconnect();
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

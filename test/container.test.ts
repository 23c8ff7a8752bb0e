/**
 * What Dockerfile and compose.yaml say, done without a container engine: the files of the final stage in an empty folder, and there the
 * entrypoint, the command and the health check, as a user without rights. No image is built.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { freePort } from './free-port.ts';
import { startRedis } from './service/jobs/redis/redis-server.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const KEY = 'k'.repeat(40);
const NOBODY = 65534;
/** A process of root gives its rights up, as in the image; another user has none to give. */
const unprivileged = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

interface Service {
  readonly build?: string;
  readonly image?: string;
  readonly command: string[];
  readonly environment: Record<string, string>;
  readonly ports: string[];
  readonly volumes: string[];
  readonly read_only: boolean;
  readonly cap_drop: string[];
  readonly security_opt: string[];
  readonly stop_grace_period: string;
  readonly healthcheck: { test: string[] };
  readonly deploy: { replicas?: number; resources: { limits: { memory: string } } };
}

const compose = parse(readFileSync(`${ROOT}compose.yaml`, 'utf8')) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const { egresso: service, worker, redis } = compose.services;
const final = readFileSync(`${ROOT}Dockerfile`, 'utf8')
  .replaceAll(/\\\n\s*/g, '')
  .split(/^FROM /m)
  .at(-1) as string;
const instructions = (name: string): string[] =>
  [...final.matchAll(new RegExp(`^${name} (.*)$`, 'gm'))].map(([, argument]) => argument);
const environment = Object.fromEntries(
  instructions('ENV').flatMap((line) => line.split(' ').map((pair) => pair.split('='))),
);

/** `${NAME:?message}` and `${NAME:-default}`, as compose reads them. */
function interpolated(text: string, variables: Record<string, string>): string {
  return text.replaceAll(/\$\{(\w+):([?-])([^}]*)\}/g, (_, name: string, sign: string, rest: string) => {
    if (variables[name]) return variables[name];
    if (sign === '?') throw new Error(`${name}: ${rest}`);
    return rest;
  });
}

describe('compose.yaml', () => {
  it('does not start without a key, and gives it to the service', () => {
    expect(() => interpolated(service.environment.EGRESSO_KEYS, {})).toThrow(/^EGRESSO_KEY: set it/);
    const [entry] = JSON.parse(interpolated(service.environment.EGRESSO_KEYS, { EGRESSO_KEY: KEY }));
    expect(entry).toEqual({ id: 'operator', role: 'admin', key: KEY });
  });

  it('listens on every address of the container, and on the loopback address of the machine', () => {
    expect(service.command).toEqual(JSON.parse(instructions('CMD')[0]));
    expect(service.command).toEqual(expect.arrayContaining(['--host', '0.0.0.0']));
    const [port] = instructions('EXPOSE');
    expect(service.ports.map((text) => interpolated(text, {}))).toEqual([`127.0.0.1:8080:${port}`]);
  });

  it('has two workers that run the jobs of the service, and a Redis that puts every write on disk', () => {
    expect(worker).toMatchObject({ image: service.image, read_only: true, cap_drop: ['ALL'] });
    expect(worker.command[0]).toBe('worker');
    expect(worker.deploy.replicas).toBe(2);
    expect(worker.environment.EGRESSO_REDIS_URL).toBe(service.environment.EGRESSO_REDIS_URL);
    expect(new URL(service.environment.EGRESSO_REDIS_URL).hostname).toBe('redis');
    const settings = redis.command.join(' ');
    expect(settings).toContain('--appendonly yes --appendfsync always --maxmemory 3gb --maxmemory-policy noeviction');
    // Its log is rewritten by a copy of the process.
    const gigabytes = Number.parseInt(redis.deploy.resources.limits.memory, 10);
    expect(gigabytes).toBeGreaterThanOrEqual(2 * 3);
    expect(Object.keys(compose.volumes)).toContain(redis.volumes[0].split(':')[0]);
  });

  it('takes rights away, and keeps jobs on a volume', () => {
    expect(service).toMatchObject({ build: '.', read_only: true, cap_drop: ['ALL'] });
    expect(service.security_opt).toContain('no-new-privileges:true');
    const [name, place] = service.volumes[0].split(':');
    expect(Object.keys(compose.volumes)).toContain(name);
    expect([place]).toEqual(instructions('VOLUME'));
    expect(environment.EGRESSO_DATA).toBe(place);
    expect(service.deploy.resources.limits.memory).toMatch(/^\d+g$/);
    expect(service.stop_grace_period).toBe('30s');
  });
});

describe('the image, without an engine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'egresso-image-'));
  const app = join(folder, 'app');
  const data = join(folder, 'data');
  let port: number;
  let child: ChildProcess;
  let said = '';

  /** What stands in the file as a port of the container is a free one here. */
  const here = (text: string): string => text.replaceAll(instructions('EXPOSE')[0], String(port));
  const variables = () => ({
    PATH: dirname(process.execPath),
    ...environment,
    EGRESSO_DATA: data,
    EGRESSO_KEYS: interpolated(service.environment.EGRESSO_KEYS, { EGRESSO_KEY: KEY }),
  });

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    for (const line of instructions('COPY')) copy(line.split(' '));
    port = await freePort();
    const [entrypoint] = instructions('ENTRYPOINT').map((text) => JSON.parse(text) as string[]);
    const [program, ...argv] = [...entrypoint, ...service.command.map(here)];
    child = spawn(program, argv, { cwd: app, env: variables(), ...unprivileged });
    child.stderr?.on('data', (chunk) => {
      said += chunk;
    });
    await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), once(child, 'exit')]);
  });
  afterAll(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  /** `COPY [--from=build] [--chown=…] source… destination`; the build of this checkout stands for the build stage. */
  function copy(words: string[]): void {
    const owner = words.find((word) => word.startsWith('--chown='));
    const paths = words.filter((word) => !word.startsWith('--'));
    const destination = paths.at(-1) as string;
    if (owner !== undefined) {
      mkdirSync(data);
      if (unprivileged.uid !== undefined) execFileSync('chown', [`${NOBODY}:${NOBODY}`, data]);
      return;
    }
    for (const source of paths.slice(0, -1).map((path) => path.replace('/app/', ''))) {
      const target = destination === './' ? join(app, source) : join(app, destination);
      if (source === 'node_modules') copyProductionModules(target);
      else cpSync(join(ROOT, source), target, { recursive: true });
    }
  }

  /** What `npm prune --omit=dev` leaves. */
  function copyProductionModules(target: string): void {
    const { packages } = JSON.parse(readFileSync(`${ROOT}package-lock.json`, 'utf8')) as {
      packages: Record<string, { dev?: boolean; devOptional?: boolean; optional?: boolean }>;
    };
    for (const [path, { dev, devOptional, optional }] of Object.entries(packages)) {
      if (path === '' || dev || devOptional || optional) continue;
      const inside = relative('node_modules', path);
      // What lies in another package comes with it.
      if (!inside.includes('node_modules')) cpSync(join(ROOT, path), join(target, inside), { recursive: true });
    }
  }

  it('starts as a user without rights', () => {
    expect([child.exitCode, said]).toEqual([null, expect.any(String)]);
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    expect(/^Uid:\s+(\d+)/m.exec(status)?.[1]).not.toBe('0');
  });

  it('lets that user write nothing but the data', ({ skip }) => {
    skip(unprivileged.uid === undefined, 'only root can give its rights up: without it all files are of the one user');
    const writable = execFileSync('find', ['.', '-writable', '-not', '-type', 'l'], {
      cwd: folder,
      encoding: 'utf8',
      ...unprivileged,
    });
    expect(writable.split('\n').filter((path) => path !== '' && !path.startsWith('./data'))).toEqual([]);
    expect(writable).toContain('./data/');
  });

  it('is healthy by its own check, which needs no key', () => {
    const [program, ...argv] = JSON.parse(here(instructions('HEALTHCHECK')[0].replace(/^.*?CMD /, ''))) as string[];
    const check = () => execFileSync(program, argv, { cwd: app, env: variables(), ...unprivileged });
    expect(check).not.toThrow();
  });

  it('solves and keeps jobs for who has the key, and for nobody else', async () => {
    const model = JSON.parse(readFileSync(join(app, 'examples/patent-example-1.json'), 'utf8'));
    const send = (path: string, authorization: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify({ model }),
      });
    expect((await send('/v1/solve', '')).status).toBe(401);
    const solved = await send('/v1/solve', `Bearer ${KEY}`);
    expect(await solved.json()).toMatchObject({ status: 'optimal', cost: 1850 });
    expect((await send('/v1/jobs', `Bearer ${KEY}`)).status).toBe(202);
  });

  it('runs service and worker of compose.yaml on a Redis, healthy by their own checks', async () => {
    await using server = await startRedis();
    const [[apiPort, own], [workerPort, watched]] = [
      [instructions('EXPOSE')[0], await freePort()],
      [worker.command.at(-1) as string, await freePort()],
    ];
    const onFreePort = (text: string): string =>
      text.replaceAll(apiPort, String(own)).replaceAll(workerPort, String(watched));
    const [entrypoint] = instructions('ENTRYPOINT').map((text) => JSON.parse(text) as string[]);
    const running = [service, worker].map(({ command, environment: { EGRESSO_REDIS_URL: redisUrl } }) => {
      const [program, ...argv] = [...entrypoint, ...command.map(onFreePort)];
      // Its name is one of the network of compose.
      const env = { ...variables(), EGRESSO_REDIS_URL: redisUrl.replace('redis://redis:6379', server.url) };
      return spawn(program, argv, { cwd: app, env, stdio: 'ignore', ...unprivileged });
    });
    const checks = [
      JSON.parse(onFreePort(instructions('HEALTHCHECK')[0].replace(/^.*?CMD /, ''))) as string[],
      worker.healthcheck.test.slice(1).map(onFreePort),
    ];
    expect(worker.healthcheck.test[0]).toBe('CMD');
    const [checkApi, checkWorker] = checks.map(([name, ...rest]) => (): unknown => {
      return execFileSync(name, rest, { cwd: app, env: variables(), stdio: 'pipe', ...unprivileged });
    });
    const jobs = `http://127.0.0.1:${own}/v1/jobs`;
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${KEY}` };
    const body = readFileSync(join(app, 'examples/patent-example-1.json'), 'utf8');
    try {
      for (const check of [checkApi, checkWorker]) await vi.waitFor(check, { timeout: 30_000, interval: 500 });
      const accepted = await fetch(jobs, { method: 'POST', headers, body: `{"model": ${body}}` });
      expect(accepted.status).toBe(202);
      const { id } = (await accepted.json()) as { id: string };
      const done = async () =>
        expect(await (await fetch(`${jobs}/${id}`, { headers })).json()).toMatchObject({ state: 'done' });
      await vi.waitFor(done, { timeout: 30_000, interval: 100 });
      await server.stop();
      expect(checkWorker).toThrow();
      // It goes on with solves.
      expect(checkApi).not.toThrow();
    } finally {
      const ended = running.map((process) => once(process, 'exit'));
      for (const process of running) process.kill('SIGTERM');
      expect(await Promise.all(ended)).toEqual(running.map(() => [0, null]));
    }
  });

  it('ends in order on SIGTERM within the grace period', async () => {
    const started = performance.now();
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(performance.now() - started).toBeLessThan(1000 * Number.parseInt(service.stop_grace_period, 10));
  });
});

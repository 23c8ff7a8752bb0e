/** A real gobgpd on this machine's loopback, with a session for each border router; ended by its own process id. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { waitFor } from '../../test/lab/network/wait.ts';
import { addressOf, ROUTER_COUNT } from './messages.ts';

const ASN = 64_500;
const HOLD_SECONDS = 240;
const START_LIMIT_MS = 15_000;
const LEARN_LIMIT_MS = 900_000;

export class Gobgpd implements AsyncDisposable {
  readonly #daemon: ChildProcess;
  readonly #apiPort: number;

  /** `folder`: of its configuration. */
  static async start(folder: string, apiPort: number, bgpPort: number): Promise<Gobgpd> {
    const file = join(folder, 'gobgpd.toml');
    writeFileSync(file, configuration(bgpPort));
    const args = ['-f', file, `--api-hosts=127.0.0.1:${apiPort}`, '--pprof-disable', '--log-level=error'];
    const daemon = spawn('gobgpd', args, { stdio: ['ignore', 'ignore', 'inherit'] });
    const gobgpd = new Gobgpd(daemon, apiPort);
    await waitFor('gobgpd to answer', async () => (await gobgpd.#pathCount()) ?? undefined, START_LIMIT_MS);
    return gobgpd;
  }

  private constructor(daemon: ChildProcess, apiPort: number) {
    this.#daemon = daemon;
    // Of an interrupt too.
    process.once('exit', () => daemon.kill('SIGKILL'));
    this.#apiPort = apiPort;
  }

  get address(): string {
    return `127.0.0.1:${this.#apiPort}`;
  }

  /** Until its table has so many paths, local ones among them. */
  async holds(pathCount: number): Promise<void> {
    const probe = async () => (await this.#pathCount()) === pathCount || undefined;
    await waitFor(`gobgpd to hold ${pathCount} paths`, probe, LEARN_LIMIT_MS);
  }

  /** Resident memory, MB: now, and at most so far. */
  get memory(): { readonly now: number; readonly peak: number } {
    const status = readFileSync(`/proc/${this.#daemon.pid}/status`, 'utf8');
    // What it calls kB is 1,024 bytes.
    const field = (name: string): number =>
      (Number(new RegExp(`${name}:\\s*(\\d+) kB`).exec(status)?.[1]) * 1024) / 1e6;
    return { now: field('VmRSS'), peak: field('VmHWM') };
  }

  async #pathCount(): Promise<number> {
    const args = ['-j', '-p', String(this.#apiPort), 'global', 'rib', 'summary'];
    const { stdout } = await promisify(execFile)('gobgp', args);
    return (JSON.parse(stdout) as { num_path?: number }).num_path ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#daemon.exitCode !== null || this.#daemon.signalCode !== null) return;
    const ended = once(this.#daemon, 'exit');
    this.#daemon.kill('SIGKILL');
    await ended;
  }
}

function configuration(bgpPort: number): string {
  const neighbors = Array.from({ length: ROUTER_COUNT }, (_, router) => [
    '[[neighbors]]',
    '  [neighbors.config]',
    `    neighbor-address = "${addressOf(router)}"`,
    `    peer-as = ${ASN}`,
    '  [neighbors.transport.config]',
    '    passive-mode = true',
    '  [neighbors.timers.config]',
    `    hold-time = ${HOLD_SECONDS}`,
    '  [neighbors.add-paths.config]',
    '    receive = true',
    '  [[neighbors.afi-safis]]',
    '    [neighbors.afi-safis.config]',
    '      afi-safi-name = "ipv4-unicast"',
  ]);
  const global = ['[global.config]', `  as = ${ASN}`, '  router-id = "127.0.0.1"', `  port = ${bgpPort}`];
  return `${[...global, '  local-address-list = ["127.0.0.1"]', ...neighbors.flat()].join('\n')}\n`;
}

/** Long-running processes, each in a namespace and ended by its own process id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from './wait.ts';

const READY_TIMEOUT_MS = 15_000;
const TERM_GRACE_MS = 3_000;

/** A process in the foreground of its own namespace, its output in a file. */
export class Daemon {
  readonly name: string;
  readonly #logFile: string;
  readonly #child: ChildProcess;

  /** `ip netns exec` replaces itself by the daemon, so the child's process id is the daemon's own. */
  constructor(namespace: string, name: string, logFile: string, command: string, args: readonly string[]) {
    this.name = name;
    this.#logFile = logFile;
    const log = openSync(logFile, 'a');
    this.#child = spawn('ip', ['netns', 'exec', namespace, command, ...args], { stdio: ['ignore', log, log] });
    this.#child.on('error', () => {});
    closeSync(log);
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get running(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Waits until `probe` holds. @throws Error with the end of the log where the process ended instead. */
  async ready(probe: () => Promise<boolean>): Promise<void> {
    const state = await waitFor(
      `${this.name} to answer`,
      async () => (!this.running ? 'ended' : (await probe()) ? 'ready' : undefined),
      READY_TIMEOUT_MS,
    );
    if (state === 'ended') throw new Error(`${this.name} ended: ${readFileSync(this.#logFile, 'utf8').slice(-2_000)}`);
  }

  kill(signal: NodeJS.Signals): void {
    if (this.running) this.#child.kill(signal);
  }

  /** `signal`, and SIGKILL for what has not ended within three seconds. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.running) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await Promise.race([ended, delay(TERM_GRACE_MS, undefined, { ref: false })]);
    if (this.running) {
      this.#child.kill('SIGKILL');
      await ended;
    }
  }
}

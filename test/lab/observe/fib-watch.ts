/**
 * Every change of the forwarding tables, as the kernels report it: no sampling, so nothing in between is missed. Each
 * node's changes are judged by themselves, since events of two kernels have no common order.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Lab } from '../lab.ts';
import type { Namespace } from '../network/namespace.ts';
import { waitFor } from '../network/wait.ts';
import { peerByInterface } from './fib.ts';

/** Node ids that a node pointed a prefix at, in order, the state at the start first; `none` while it had no route. */
export type NextHopHistory = ReadonlyMap<string, readonly string[]>;

/** `Deleted 192.0.2.0/24 via 10.254.0.2 dev to-b3 proto bgp`: a unicast route of the main table. */
const EVENT = /^(Deleted )?(\d+\.\d+\.\d+\.\d+(?:\/\d+)?) .*?\bdev (\S+)/;

/** A route of a table that nobody looks anything up in, which comes and goes to see that all before it was reported. */
const MARK = 'blackhole 192.0.2.1 table 9009';
const MARK_SEEN = /^blackhole 192\.0\.2\.1 table 9009 .*metric (\d+)/;

export class FibWatch implements AsyncDisposable {
  readonly #monitors = new Map<string, Monitor>();

  /** Watches nodes of a lab, by default its border routers; returns once every monitor listens. */
  static async start(lab: Lab, nodes: readonly string[] = lab.borderRouters.map(({ id }) => id)): Promise<FibWatch> {
    const watch = new FibWatch();
    try {
      for (const id of nodes) watch.#monitors.set(id, new Monitor(lab.namespace(id), peerByInterface(lab.node(id))));
      // The monitor first, the table second: a change in between is seen by both.
      await watch.caughtUp();
      for (const [id, monitor] of watch.#monitors) {
        for (const [prefix, next] of await lab.fib(id)) monitor.note(prefix, next);
      }
      return watch;
    } catch (error) {
      await watch[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor() {}

  history(node: string): NextHopHistory {
    return this.#monitors.get(node)?.histories ?? new Map();
  }

  /** Waits until every change up to now is in the histories. @throws Error where a kernel reported more than was read. */
  async caughtUp(): Promise<void> {
    await Promise.all([...this.#monitors.values()].map((monitor) => monitor.caughtUp()));
  }

  /** Histories begin anew, with the present state. */
  restart(): void {
    for (const { histories } of this.#monitors.values()) {
      for (const [prefix, history] of histories) histories.set(prefix, history.slice(-1));
    }
  }

  /** Changes seen on all nodes. */
  get changeCount(): number {
    const all = [...this.#monitors.values()].flatMap(({ histories }) => [...histories.values()]);
    return all.reduce((n, history) => n + history.length - 1, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#monitors.values()].map((monitor) => monitor.stop()));
  }
}

/** `ip monitor` in one namespace. */
class Monitor {
  readonly histories = new Map<string, string[]>();
  readonly #namespace: Namespace;
  readonly #process: ChildProcess;
  #complaint = '';
  /** Of the last mark that was put, and that was seen. */
  #put = 0;
  #seen = 0;

  constructor(namespace: Namespace, peers: ReadonlyMap<string, string>) {
    this.#namespace = namespace;
    const args = ['netns', 'exec', namespace.name, 'ip', '-4', 'monitor', 'route'];
    this.#process = spawn('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process.stderr?.on('data', (text) => {
      this.#complaint += String(text);
    });
    createInterface({ input: this.#process.stdout! }).on('line', (line) => {
      this.#seen = Math.max(this.#seen, Number(MARK_SEEN.exec(line)?.[1] ?? 0));
      const [, deleted, destination = '', device = ''] = EVENT.exec(line) ?? [];
      const next = peers.get(device);
      if (next === undefined) return;
      this.note(destination.includes('/') ? destination : `${destination}/32`, deleted ? 'none' : next);
    });
  }

  note(prefix: string, next: string): void {
    const history = this.histories.get(prefix) ?? [];
    if (history.at(-1) !== next) history.push(next);
    this.histories.set(prefix, history);
  }

  /** What was put before the monitor listened is not seen: it is put again. */
  async caughtUp(): Promise<void> {
    const first = this.#put + 1;
    await waitFor('a monitor of routes', async () => {
      if (this.#complaint !== '') throw new Error(this.#complaint);
      if (this.#seen >= first) return true;
      const mark = `${MARK} metric ${++this.#put}`;
      await this.#namespace.batch([`route add ${mark}`, `route del ${mark}`]);
      return undefined;
    });
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await ended;
  }
}

/**
 * Every change of the forwarding tables, as the kernels report it: no sampling, so nothing in between is missed. Each
 * router's changes are judged by themselves, since events of two kernels have no common order.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Lab } from '../lab.ts';
import { peerByInterface } from './fib.ts';

/** Node ids that a router pointed a prefix at, in order, the state at the start first; `none` while it had no route. */
export type NextHopHistory = ReadonlyMap<string, readonly string[]>;

/** `Deleted 192.0.2.0/24 via 10.254.0.2 dev to-b3 proto bgp`: a unicast route of the main table. */
const EVENT = /^(Deleted )?(\d+\.\d+\.\d+\.\d+(?:\/\d+)?) .*?\bdev (\S+)/;

export class FibWatch implements AsyncDisposable {
  readonly #histories = new Map<string, Map<string, string[]>>();
  readonly #monitors: ChildProcess[] = [];

  /** Watches the border routers of a lab; returns once every monitor listens. */
  static async start(lab: Lab): Promise<FibWatch> {
    const watch = new FibWatch();
    for (const { id } of lab.borderRouters) await watch.#follow(lab, id);
    return watch;
  }

  private constructor() {}

  history(router: string): NextHopHistory {
    return this.#histories.get(router) ?? new Map();
  }

  /** Changes seen on all routers. */
  get changeCount(): number {
    return [...this.#histories.values()].flatMap((table) => [...table.values()]).reduce((n, h) => n + h.length - 1, 0);
  }

  async stop(): Promise<void> {
    for (const monitor of this.#monitors) {
      if (monitor.exitCode !== null || monitor.signalCode !== null) continue;
      const ended = once(monitor, 'exit');
      monitor.kill('SIGTERM');
      await ended;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** The monitor first, the table second: a change in between is seen by both. */
  async #follow(lab: Lab, router: string): Promise<void> {
    const peers = peerByInterface(lab.node(router));
    const histories = new Map<string, string[]>();
    this.#histories.set(router, histories);
    const note = (prefix: string, next: string): void => {
      const history = histories.get(prefix) ?? [];
      if (history.at(-1) !== next) history.push(next);
      histories.set(prefix, history);
    };
    const args = ['netns', 'exec', lab.namespace(router).name, 'ip', '-4', 'monitor', 'route'];
    const monitor = spawn('ip', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#monitors.push(monitor);
    await once(monitor, 'spawn');
    for (const [prefix, next] of await lab.fib(router)) note(prefix, next);
    createInterface({ input: monitor.stdout! }).on('line', (line) => {
      const [, deleted, destination = '', device = ''] = EVENT.exec(line) ?? [];
      const next = peers.get(device);
      if (next === undefined) return;
      note(destination.includes('/') ? destination : `${destination}/32`, deleted ? 'none' : next);
    });
  }
}

/** Real packets from one neighbor to many prefixes, counted where they come out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Lab } from '../lab.ts';
import { firstHost } from '../network/address.ts';
import { Daemon } from '../network/daemon.ts';

const DEFAULT_PORT = 9_009;
/** For what is still on its way when the sender has stopped. */
const DRAIN_MS = 300;

export interface TrafficRate {
  /** In all, over all prefixes. */
  readonly packetsPerSecond: number;
  /** Payload of a datagram; at least the text of its prefix. */
  readonly payloadBytes: number;
  /** Of the receivers: traffic that runs beside other traffic has its own. */
  readonly port?: number;
}

export interface ProbeCounts {
  readonly sent: number;
  /** That came out, whether they were counted by prefix or not. */
  readonly received: number;
  /** Neighbors that packets of a prefix came out at. */
  readonly outlets: ReadonlyMap<string, ReadonlySet<string>>;
}

export class ProbeTraffic implements AsyncDisposable {
  readonly #sender: Daemon;
  readonly #receivers: readonly Daemon[];
  readonly #file: (name: string) => string;

  /** Round robin over `prefixes`, toward receivers at every other neighbor; returns once packets are sent. */
  static async start(lab: Lab, from: string, prefixes: readonly string[], rate: TrafficRate): Promise<ProbeTraffic> {
    const { port = DEFAULT_PORT } = rate;
    const file = (name: string): string => join(lab.folder, `probe-${port}-${name}.log`);
    const program = (node: string, name: string, args: readonly string[]): Daemon => {
      const script = join(import.meta.dirname, `${name}.ts`);
      return new Daemon(lab.namespace(node).name, node, file(node), process.execPath, [script, ...args]);
    };
    const sinks = lab.wiring.nodes.filter(({ role, id }) => role === 'neighbor' && id !== from);
    const receivers = sinks.map(({ id }) => program(id, 'udp-receiver', [String(port)]));
    const isReady = (name: string) => async (): Promise<boolean> => readFileSync(file(name), 'utf8').includes('ready');
    await Promise.all(receivers.map((receiver) => receiver.ready(isReady(receiver.name))));
    const targets = prefixes.map((prefix) => `${prefix}=${firstHost(prefix)}`);
    const source = firstHost(lab.node(from).announces[0]!.prefix);
    const sender = program(from, 'udp-sender', [
      String(rate.packetsPerSecond),
      String(rate.payloadBytes),
      source,
      String(port),
      ...targets,
    ]);
    await sender.ready(isReady(sender.name));
    return new ProbeTraffic(sender, receivers, file);
  }

  private constructor(sender: Daemon, receivers: readonly Daemon[], file: (name: string) => string) {
    this.#sender = sender;
    this.#receivers = receivers;
    this.#file = file;
  }

  async stop(): Promise<ProbeCounts> {
    await this.#sender.stop();
    await delay(DRAIN_MS);
    const outlets = new Map<string, Set<string>>();
    let received = 0;
    for (const receiver of this.#receivers) {
      await receiver.stop();
      const { counts = {}, overflowCount = 0 } = lastJson<ReceiverReport>(this.#file(receiver.name));
      received += overflowCount;
      for (const [prefix, count] of Object.entries(counts)) {
        outlets.set(prefix, (outlets.get(prefix) ?? new Set()).add(receiver.name));
        received += count;
      }
    }
    const { sent = 0 } = lastJson<{ readonly sent: number }>(this.#file(this.#sender.name));
    return { sent, received, outlets };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#sender, ...this.#receivers].map((program) => program.stop('SIGKILL')));
  }
}

interface ReceiverReport {
  readonly counts: Readonly<Record<string, number>>;
  /** That came, and found no room. */
  readonly overflowCount: number;
}

function lastJson<T>(file: string): Partial<T> {
  return JSON.parse(readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '{}') as Partial<T>;
}

/** Volume per destination out of flow records: exported from each peering interface, printed as JSON by pmacct. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../lab.ts';
import { Daemon } from '../network/daemon.ts';
import { collectorConfig, collectorName, exporterConfig, type FlowExport, IPFIX } from './flow-export.ts';

export interface FlowVolume {
  /** Border router that exported the record. */
  readonly router: string;
  readonly destination: string;
  readonly bytes: number;
  readonly packets: number;
}

const PORT = 2055;
/** What pmacct says once it listens, and once it exports. */
const READY = /waiting for (NetFlow|sFlow)|Exporting flows to/;

/** nfacctd, or sfacctd, in the controller's namespace, and an exporter at every peering interface. */
export class FlowCollector {
  readonly #lab: Lab;
  /** With what each of them prints. */
  readonly #daemons: (readonly [Daemon, string])[] = [];
  /** What the collector prints. */
  readonly log: string;

  /** Those of one lab have ports of their own. */
  constructor(lab: Lab, given: FlowExport = IPFIX, port = PORT) {
    this.#lab = lab;
    const folder = join(lab.folder, port === PORT ? 'flows' : `flows-${port}`);
    mkdirSync(folder, { recursive: true });
    const { address } = lab.node(lab.controller.id).interfaces[0]!;
    const collector = collectorName(given);
    this.log = join(folder, `${collector}.log`);
    this.#start(lab.controller.id, collector, this.log, collectorConfig(given, address, port));
    for (const { id } of lab.borderRouters) {
      const { interfaces, loopback } = lab.node(id);
      for (const { name, role } of interfaces) {
        if (role !== 'peering') continue;
        const exporter = { interface: name, address: loopback!, receiver: `${address}:${port}` };
        this.#start(id, 'pmacctd', join(folder, `${id}-${name}.log`), exporterConfig(given, exporter));
      }
    }
  }

  /** Each of its processes says that it has begun. */
  async ready(): Promise<void> {
    const hasBegun = (log: string) => async () => READY.test(readFileSync(log, 'utf8'));
    await Promise.all(this.#daemons.map(([daemon, log]) => daemon.ready(hasBegun(log))));
  }

  /** All records so far, in the order of arrival; `since` leaves out as many of the first. */
  volumes(since = 0): FlowVolume[] {
    const owner = this.#lab.wiring.owner;
    return parseFlows(readFileSync(this.log, 'utf8'), owner).slice(since);
  }

  /** nfacctd ends on SIGINT where it may not on SIGTERM. */
  async stop(): Promise<void> {
    await Promise.all(this.#daemons.map(([daemon]) => daemon.stop('SIGINT')));
  }

  #start(node: string, program: string, log: string, lines: readonly string[]): void {
    const config = `${log}.conf`;
    writeFileSync(config, `${['daemonize: false', ...lines].join('\n')}\n`);
    const namespace = this.#lab.namespace(node).name;
    this.#daemons.push([new Daemon(namespace, `${node}: ${program}`, log, program, ['-f', config]), log]);
  }
}

/** JSON lines of pmacct's print plugin; log lines between them are passed over. `owner`: node id by address. */
export function parseFlows(text: string, owner: ReadonlyMap<string, string>): FlowVolume[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Record<string, string | number>)
    .map((record) => ({
      router: owner.get(String(record.peer_ip_src)) ?? String(record.peer_ip_src),
      destination: String(record.ip_dst),
      bytes: Number(record.bytes),
      packets: Number(record.packets),
    }));
}

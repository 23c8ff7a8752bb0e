/** Volume per destination out of flow records: pmacctd exports IPFIX from each peering interface, nfacctd prints JSON. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../lab.ts';
import { Daemon } from '../network/daemon.ts';

export interface FlowVolume {
  /** Border router that exported the record. */
  readonly router: string;
  readonly destination: string;
  readonly bytes: number;
  readonly packets: number;
}

const PORT = 2055;
/** Seconds: flows are exported, and totals printed, this often. */
const EXPORT_SECONDS = 1;
const PRINT_SECONDS = 1;

/** nfacctd in the controller's namespace. */
export class FlowCollector {
  readonly #lab: Lab;
  readonly #log: string;
  readonly daemons: Daemon[] = [];

  constructor(lab: Lab) {
    this.#lab = lab;
    mkdirSync(join(lab.folder, 'flows'), { recursive: true });
    this.#log = join(lab.folder, 'flows', 'nfacctd.log');
    const address = lab.node(lab.controller.id).interfaces[0]!.address;
    this.#start(lab.controller.id, 'nfacctd', this.#log, [
      `nfacctd_ip: ${address}`,
      `nfacctd_port: ${PORT}`,
      'nfacctd_time_new: true',
      'plugins: print',
      'aggregate: peer_src_ip, dst_host',
      'print_output: json',
      `print_refresh_time: ${PRINT_SECONDS}`,
    ]);
    for (const { id } of lab.borderRouters) {
      const { interfaces, loopback } = lab.node(id);
      for (const { name, role } of interfaces) {
        if (role !== 'peering') continue;
        this.#start(id, 'pmacctd', join(lab.folder, 'flows', `${id}-${name}.log`), [
          `pcap_interface: ${name}`,
          'pcap_direction: out',
          'aggregate: src_host, dst_host, src_port, dst_port, proto, tos',
          'plugins: nfprobe',
          `nfprobe_receiver: ${address}:${PORT}`,
          `nfprobe_source_ip: ${loopback}`,
          'nfprobe_version: 10',
          `nfprobe_timeouts: general=${EXPORT_SECONDS}:maxlife=${EXPORT_SECONDS}:expint=1:udp=${EXPORT_SECONDS}`,
        ]);
      }
    }
  }

  /** All records so far, in the order of arrival; `since` leaves out as many of the first. */
  volumes(since = 0): FlowVolume[] {
    const owner = this.#lab.wiring.owner;
    return parseFlows(readFileSync(this.#log, 'utf8'), owner).slice(since);
  }

  /** nfacctd ends on SIGINT where it may not on SIGTERM. */
  async stop(): Promise<void> {
    await Promise.all(this.daemons.map((daemon) => daemon.stop('SIGINT')));
  }

  #start(node: string, program: string, log: string, lines: readonly string[]): void {
    const config = `${log}.conf`;
    writeFileSync(config, `${['daemonize: false', ...lines].join('\n')}\n`);
    const namespace = this.#lab.namespace(node).name;
    this.daemons.push(new Daemon(namespace, `${node}: ${program}`, log, program, ['-f', config]));
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

/** How flows of an interface are exported by pmacctd, and printed by nfacctd or sfacctd: their configurations, line by line. */

export interface FlowExport {
  readonly protocol: 'ipfix' | 'netflow-v9' | 'sflow';
  /** One packet of so many is told. */
  readonly samplingRate: number;
  /** The collector makes up for the packets that are not told. */
  readonly isRenormalized: boolean;
}

export interface Exporter {
  readonly interface: string;
  /** Of the router: where records come from. */
  readonly address: string;
  /** `address:port` of the collector. */
  readonly receiver: string;
}

export const IPFIX: FlowExport = { protocol: 'ipfix', samplingRate: 1, isRenormalized: false };

/** Seconds: flows are exported, and totals printed, this often. */
const EXPORT_SECONDS = 1;
const PRINT_SECONDS = 1;
const NETFLOW_VERSIONS = { ipfix: 10, 'netflow-v9': 9 } as const;

export function collectorName({ protocol }: FlowExport): 'nfacctd' | 'sfacctd' {
  return protocol === 'sflow' ? 'sfacctd' : 'nfacctd';
}

export function collectorConfig(given: FlowExport, address: string, port: number): string[] {
  const name = collectorName(given);
  return [
    `${name}_ip: ${address}`,
    `${name}_port: ${port}`,
    `${name}_time_new: true`,
    `${name}_renormalize: ${given.isRenormalized}`,
    'plugins: print',
    'aggregate: peer_src_ip, dst_host',
    'print_output: json',
    `print_refresh_time: ${PRINT_SECONDS}`,
  ];
}

export function exporterConfig({ protocol, samplingRate }: FlowExport, exporter: Exporter): string[] {
  const { interface: name, address, receiver } = exporter;
  return [
    `pcap_interface: ${name}`,
    'pcap_direction: out',
    'aggregate: src_host, dst_host, src_port, dst_port, proto, tos',
    ...(samplingRate > 1 ? [`sampling_rate: ${samplingRate}`] : []),
    ...(protocol === 'sflow'
      ? ['plugins: sfprobe', `sfprobe_receiver: ${receiver}`, `sfprobe_agentip: ${address}`]
      : [
          'plugins: nfprobe',
          `nfprobe_receiver: ${receiver}`,
          `nfprobe_source_ip: ${address}`,
          `nfprobe_version: ${NETFLOW_VERSIONS[protocol]}`,
          `nfprobe_timeouts: general=${EXPORT_SECONDS}:maxlife=${EXPORT_SECONDS}:expint=1:udp=${EXPORT_SECONDS}`,
        ]),
  ];
}

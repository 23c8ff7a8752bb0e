/** The way of real packets: which nodes answer along it. */
import type { Namespace } from '../network/namespace.ts';
import type { Wiring } from '../network/wiring.ts';

export interface PacketPath {
  /** Node ids in the order passed, the prober and the host that answered excluded; `?` for one that kept silent. */
  readonly hops: readonly string[];
  /** An address of the prefix itself answered. */
  readonly delivered: boolean;
}

/** UDP probes with rising TTL from `source` in `namespace` to `destination`. */
export async function packetPath(
  namespace: Namespace,
  wiring: Wiring,
  source: string,
  destination: string,
): Promise<PacketPath> {
  const options = ['-n', '-q', '1', '-w', '1', '-m', '8', '-N', '8', '-s', source];
  const output = await namespace.run('traceroute', [...options, destination]);
  const answers = [...output.matchAll(/^\s*\d+\s+(\S+)/gm)].map(([, address]) => address!);
  const end = answers.indexOf(destination);
  const passed = end < 0 ? answers : answers.slice(0, end);
  return { hops: passed.map((address) => wiring.owner.get(address) ?? '?'), delivered: end >= 0 };
}

/** By what collectors know points: each by something of its own, written as it is compared. */
import type { Fault } from '../errors.ts';
import { canonicalAddress } from '../model/ip-prefix.ts';
import { mappedAddress } from './telemetry/ip-words.ts';

export interface PointAddresses {
  readonly nextHops: readonly string[];
  readonly exporter?: string;
  readonly ifIndex?: number;
  readonly agent?: string;
  readonly interface?: string;
}

/** Addresses as texts that are equal where they are. What is no address stays: `addressFaults` tells. */
export function canonicalPoint<T extends PointAddresses>(point: T): T {
  const { nextHops, exporter } = point;
  return {
    ...point,
    nextHops: nextHops.map((text) => canonicalAddress(text) ?? text),
    // IPv4 in IPv6 is IPv4: pmacct tells either.
    ...(exporter !== undefined && { exporter: mappedAddress(exporter) ?? canonicalAddress(exporter) ?? exporter }),
  };
}

/** `points`: canonical. Of two that cannot be told apart the second is told. */
export function addressFaults(points: readonly PointAddresses[]): Fault[] {
  const faults: Fault[] = [];
  const known = new Map<string, number>();
  const claim = (at: number, field: string, text: string, key: string): void => {
    const first = known.get(key);
    if (first === undefined) known.set(key, at);
    else
      faults.push({
        pointer: `/points/${at}/${field}`,
        message: `must be of one point, not of /points/${first} too: ${text}`,
      });
  };
  const address = (at: number, field: string, text: string): void => {
    if (canonicalAddress(text) !== null) return;
    faults.push({ pointer: `/points/${at}/${field}`, message: `must be an IP address, not ${JSON.stringify(text)}` });
  };
  points.forEach(({ nextHops, exporter, ifIndex, agent, interface: name }, at) => {
    nextHops.forEach((text, h) => {
      address(at, `nextHops/${h}`, text);
      claim(at, `nextHops/${h}`, text, `next hop ${text}`);
    });
    if (exporter !== undefined) {
      address(at, 'exporter', exporter);
      const sharing = points.filter((other) => other.exporter === exporter);
      // One without an index takes all that its exporter tells.
      const isWhole = sharing.length > 1 && sharing.some((other) => other.ifIndex === undefined);
      const key = isWhole ? `exporter ${exporter}` : `exporter ${exporter} ${ifIndex}`;
      claim(at, ifIndex === undefined ? 'exporter' : 'ifIndex', `${exporter} ${ifIndex ?? 'as a whole'}`, key);
    }
    if (agent !== undefined && name !== undefined) claim(at, 'interface', `${agent} ${name}`, `agent ${agent} ${name}`);
  });
  return faults;
}

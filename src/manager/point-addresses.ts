/** By what collectors know points: each by something of its own, written as it is compared. */

import ipaddr from 'ipaddr.js';
import type { Fault } from '../errors.ts';
import { plainAddress } from './telemetry/ip-words.ts';

export interface PointAddresses {
  readonly nextHops: readonly string[];
  readonly exporter?: string;
  readonly ifIndex?: number;
  readonly agent?: string;
  readonly interface?: string;
}

/** Ranges (as ipaddr.js calls them) that nobody sends from. A collector may be on the router itself, and hear it by loopback. */
const NO_SENDER: ReadonlySet<string> = new Set(['unspecified', 'broadcast', 'multicast']);
/** A route to oneself leaves nowhere. */
const NO_NEXT_HOP: ReadonlySet<string> = new Set([...NO_SENDER, 'loopback']);

/** Addresses as texts that are equal where they are. What is no address stays: `addressFaults` tells. */
export function canonicalPoint<T extends PointAddresses>(point: T): T {
  const { nextHops, exporter, agent } = point;
  return {
    ...point,
    nextHops: nextHops.map((text) => plainAddress(text) ?? text),
    ...(exporter !== undefined && { exporter: plainAddress(exporter) ?? exporter }),
    ...(agent !== undefined && { agent: plainAddress(agent) ?? agent }),
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
  const address = (at: number, field: string, text: string, unusable: ReadonlySet<string>): void => {
    const message = addressFault(text, unusable);
    if (message !== null) faults.push({ pointer: `/points/${at}/${field}`, message });
  };
  points.forEach(({ nextHops, exporter, ifIndex, agent, interface: name }, at) => {
    nextHops.forEach((text, h) => {
      address(at, `nextHops/${h}`, text, NO_NEXT_HOP);
      claim(at, `nextHops/${h}`, text, `next hop ${text}`);
    });
    if (exporter !== undefined) {
      address(at, 'exporter', exporter, NO_SENDER);
      const sharing = points.filter((other) => other.exporter === exporter);
      // One without an index takes all that its exporter tells.
      const isWhole = sharing.length > 1 && sharing.some((other) => other.ifIndex === undefined);
      const key = isWhole ? `exporter ${exporter}` : `exporter ${exporter} ${ifIndex}`;
      claim(at, ifIndex === undefined ? 'exporter' : 'ifIndex', `${exporter} ${ifIndex ?? 'as a whole'}`, key);
    }
    // A name is resolved by whoever asks it.
    if (agent !== undefined && plainAddress(agent) !== null) address(at, 'agent', agent, NO_SENDER);
    if (agent !== undefined && name !== undefined) claim(at, 'interface', `${agent} ${name}`, `agent ${agent} ${name}`);
  });
  return faults;
}

/** Why it is no next hop of a route; null where it may be one. */
export function nextHopFault(text: string): string | null {
  return addressFault(text, NO_NEXT_HOP);
}

function addressFault(text: string, unusable: ReadonlySet<string>): string | null {
  const plain = plainAddress(text);
  if (plain === null) return `must be an IP address, not ${JSON.stringify(text)}`;
  const range = ipaddr.parse(plain).range();
  return unusable.has(range) ? `must be the address of a router, not ${text}, which is ${range}` : null;
}

/** What the kernels of a lab have dropped so far, and why. */
import type { Lab } from '../lab.ts';
import type { Namespace } from '../network/namespace.ts';

export interface PacketDrops {
  /** By border routers, as they had gone through too many: routers pointed at each other. */
  readonly looped: number;
  /** By border routers, without a route for them. */
  readonly unrouted: number;
}

export async function packetDrops(lab: Lab): Promise<PacketDrops> {
  const border = lab.wiring.nodes.filter(({ role }) => role === 'border');
  const counters = await Promise.all(border.map(({ id }) => countersOf(lab.namespace(id))));
  const sum = (counter: string): number => counters.reduce((total, one) => total + (one.get(counter) ?? 0), 0);
  return { looped: sum('Ip.InHdrErrors'), unrouted: sum('IpExt.InNoRoutes') };
}

export function dropsSince(before: PacketDrops, now: PacketDrops): PacketDrops {
  return { looped: now.looped - before.looped, unrouted: now.unrouted - before.unrouted };
}

/** `Group.Name`: two lines for each group of the kernel, names and values. */
async function countersOf(namespace: Namespace): Promise<ReadonlyMap<string, number>> {
  const lines = (await namespace.run('cat', ['/proc/net/snmp', '/proc/net/netstat'])).split('\n');
  const counters = new Map<string, number>();
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const [[group = '', ...names], [, ...values]] = [lines[at].split(' '), lines[at + 1].split(' ')];
    for (const [place, name] of names.entries()) counters.set(`${group.slice(0, -1)}.${name}`, Number(values[place]));
  }
  return counters;
}

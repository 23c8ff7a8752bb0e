/** Interface counters by SNMP (IF-MIB, RFC 2863): one agent in each border router, read from the controller. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../lab.ts';
import { Daemon } from '../network/daemon.ts';
import type { WiredNode } from '../network/wiring.ts';

export interface InterfaceCounters {
  readonly router: string;
  readonly interface: string;
  /** 64-bit counters (ifHCInOctets, ifHCOutOctets), exact below 2^53. */
  readonly inOctets: number;
  readonly outOctets: number;
  /** ifHighSpeed, in Mbit/s. */
  readonly speedMbps: number;
}

/** Speed in Mbit/s that an agent reports by `<router>/<interface>`: a veth has none of its own. */
export type LinkSpeeds = Readonly<Record<string, number>>;

const COMMUNITY = 'lab';
const IF_X_ENTRY = '.1.3.6.1.2.1.31.1.1.1';
const COLUMN = { name: '1', inOctets: '6', outOctets: '10', speed: '15' } as const;
const ETHERNET = 6;
/** nsCacheTimeout of ifTable (NET-SNMP-AGENT-MIB): snmpd keeps counters for three seconds; with none each answer is read anew. */
const IF_TABLE_CACHE_TIMEOUT = '.1.3.6.1.4.1.8072.1.5.3.1.2.1.3.6.1.2.1.2.2';

export async function startAgent(lab: Lab, router: string, speeds: LinkSpeeds): Promise<Daemon> {
  const node = lab.node(router);
  const folder = join(lab.folder, `${router}-snmp`);
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'snmpd.conf');
  writeFileSync(config, agentConfig(node, speeds));
  const args = ['-f', '-Lo', '-C', '-c', config, `--persistentDir=${folder}`];
  const agent = new Daemon(lab.namespace(router).name, `${router}: snmpd`, join(folder, 'log'), 'snmpd', args);
  await agent.ready(async () => (await readCounters(lab, router)).length > 0);
  const uncached = ['-v2c', '-c', COMMUNITY, node.loopback!, IF_TABLE_CACHE_TIMEOUT, 'i', '0'];
  await lab.namespace(lab.controller.id).run('snmpset', uncached);
  return agent;
}

/** As they are now. */
export async function readCounters(lab: Lab, router: string): Promise<InterfaceCounters[]> {
  const { loopback, interfaces } = lab.node(router);
  const args = ['-v2c', '-c', COMMUNITY, '-Oqn', '-t', '2', loopback!, IF_X_ENTRY];
  const text = await lab.namespace(lab.controller.id).run('snmpbulkwalk', args);
  const known = new Set(interfaces.map(({ name }) => name));
  return parseCounters(router, text).filter((counters) => known.has(counters.interface));
}

/** Lines `.1.3.6.1.2.1.31.1.1.1.<column>.<index> <value>` of `snmpbulkwalk -Oqn`. */
export function parseCounters(router: string, text: string): InterfaceCounters[] {
  const rows = new Map<string, Map<string, string>>();
  for (const line of text.split('\n')) {
    const [oid = '', value = ''] = line.split(' ', 2);
    if (!oid.startsWith(`${IF_X_ENTRY}.`)) continue;
    const [column = '', index = ''] = oid.slice(IF_X_ENTRY.length + 1).split('.');
    rows.set(index, (rows.get(index) ?? new Map()).set(column, value.replaceAll('"', '')));
  }
  return [...rows.values()].map((row) => ({
    router,
    interface: row.get(COLUMN.name) ?? '',
    inOctets: Number(row.get(COLUMN.inOctets)),
    outOctets: Number(row.get(COLUMN.outOctets)),
    speedMbps: Number(row.get(COLUMN.speed)),
  }));
}

/** Share of the speed used outward between two samples, 0..1 and above. */
export function outUtilization(earlier: InterfaceCounters, later: InterfaceCounters, elapsedMs: number): number {
  return ((later.outOctets - earlier.outOctets) * 8) / (elapsedMs * 1_000 * later.speedMbps);
}

function agentConfig(node: WiredNode, speeds: LinkSpeeds): string {
  const interfaces = node.interfaces.flatMap(({ name }) => {
    const speed = speeds[`${node.id}/${name}`];
    return speed === undefined ? [] : [`interface ${name} ${ETHERNET} ${speed * 1e6}`];
  });
  const agent = [`agentAddress udp:${node.loopback}:161`, `rwcommunity ${COMMUNITY}`, 'master no'];
  return `${[...agent, ...interfaces].join('\n')}\n`;
}

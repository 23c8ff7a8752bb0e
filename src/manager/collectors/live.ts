/** The collectors of a network: GoBGP, pmacct, SNMP. */
import { EgressoError, type Fault } from '../../errors.ts';
import { type ManagerConfig, UNITS } from '../config.ts';
import type { GobgpClient } from '../gobgp/client.ts';
import { CounterTracker } from '../telemetry/counter-tracker.ts';
import type { Collectors } from './collector.ts';
import { GobgpRoutes } from './gobgp-routes.ts';
import type { ExporterPoint } from './pmacct.ts';
import { pmacctFile } from './pmacct-file.ts';
import { SnmpInterfaces } from './snmp/interfaces.ts';

/**
 * `points`: ids, sorted; `client` stays open; `instance`: mark of what is ours, null where nothing is announced. Errors:
 * OPTIONS_INVALID where a point lacks what a collector knows it by.
 */
export function liveCollectors(
  config: ManagerConfig,
  points: readonly string[],
  inFolder: (path: string) => string,
  client: GobgpClient | null,
  instance: number | null,
): Collectors {
  const { gobgp, pmacct, snmp } = config;
  if (client === null || gobgp === undefined || pmacct === undefined || snmp === undefined) throw incomplete([]);
  const faults: Fault[] = config.points.flatMap((point, at) => [
    ...(point.nextHops.length === 0 ? [{ pointer: `/points/${at}/nextHops`, message: 'must not be empty' }] : []),
    ...(['exporter', 'agent', 'interface'] as const).flatMap((name) =>
      point[name] === undefined ? [{ pointer: `/points/${at}/${name}`, message: 'must be given' }] : [],
    ),
  ]);
  if (faults.length > 0) throw incomplete(faults);
  const exporters = new Map<string, ExporterPoint[]>();
  const byNextHop = new Map<string, string>();
  for (const { id, nextHops, exporter = '', ifIndex = null } of config.points) {
    exporters.set(exporter, [...(exporters.get(exporter) ?? []), { point: points.indexOf(id), ifIndex }]);
    for (const nextHop of nextHops) byNextHop.set(nextHop, id);
  }
  const interfaces = config.points.map(({ id, agent = '', interface: name = '' }) => ({
    point: id,
    agent,
    interface: name,
  }));
  return {
    routes: new GobgpRoutes(client, { points: byNextHop, community: gobgp.community, instance }),
    volumes: pmacctFile(inFolder(pmacct.file), exporters),
    interfaces: new SnmpInterfaces(interfaces, new CounterTracker(points, UNITS[config.unit]), snmp),
  };
}

function incomplete(faults: readonly Fault[]): EgressoError {
  const [first] = faults;
  const message = first === undefined ? 'gobgp, pmacct and snmp must be given' : `${first.pointer} ${first.message}`;
  return new EgressoError('OPTIONS_INVALID', message, faults);
}

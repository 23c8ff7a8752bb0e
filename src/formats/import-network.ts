import { basename } from 'node:path';
import { type Attachment, attach } from './attachment.ts';
import { readBgpdump } from './bgpdump.ts';
import { type ImportOptions, type ImportSettings, importSettings } from './import-options.ts';
import { fitTraffic, makeTraffic } from './imported-traffic.ts';
import { inputName, readText } from './input.ts';
import { type ModelPayload, toPayload } from './model-payload.ts';
import { parseRouterAddresses } from './router-addresses.ts';
import { parseSessionMap } from './session-map.ts';
import type { TrafficRule } from './synthetic.ts';
import { capacitiesFor, type PlanFrame, referencePlan } from './synthetic-capacity.ts';
import { parseTopology } from './topology.ts';
import { parseTrafficCsv } from './traffic-csv.ts';

const NEIGHBOR_EXPONENT = 0.5;
const PAIR_NOISE = 0.5;

/**
 * Builds the payload of a model from a topology, a table of routes and, where there is one, traffic. What no file says
 * is made up from the seed: the payload's `metadata.synthetic` says what and by which rule. The same files, whatever
 * the order of their lines, and the same settings give the same payload.
 *
 * @returns the payload in columns, owned by the caller, and what was filled in or left out, in plain sentences.
 * @throws EgressoError OPTIONS_INVALID, FILE_UNREADABLE, FORMAT_INVALID
 */
export async function importNetwork(options: ImportOptions): Promise<{ payload: ModelPayload; reports: string[] }> {
  const settings = importSettings(options.settings);
  const topology = parseTopology(await readText(options.topology), inputName(options.topology));
  const mapName = options.sessionMap === undefined ? '' : inputName(options.sessionMap);
  const sessionMap =
    options.sessionMap === undefined ? [] : parseSessionMap(await readText(options.sessionMap), mapName);
  const routerAddresses =
    options.routers === undefined
      ? new Map<string, string>()
      : parseRouterAddresses(await readText(options.routers), topology, inputName(options.routers));
  const given =
    options.traffic === undefined
      ? null
      : {
          name: inputName(options.traffic),
          list: parseTrafficCsv(await readText(options.traffic), inputName(options.traffic)),
        };
  const { table, reports: tableReports } = await readBgpdump(options.rib, settings);

  const trafficNeighbors = given === null ? null : [...given.list.neighbors].sort();
  const attachment = attach({ topology, table, sessionMap, mapName, trafficNeighbors, settings });
  const rule = trafficRule(settings);
  const traffic =
    given === null
      ? makeTraffic(table, attachment, settings.top, rule)
      : fitTraffic(given.list, given.name, table, attachment, settings.top);
  const reports = [...topology.reports, ...tableReports, ...attachment.reports, ...traffic.reports];
  if (traffic.kept.length < table.prefixes.length) {
    reports.push(`Prefixes kept, those of most volume: ${traffic.kept.length} of ${table.prefixes.length}.`);
  }
  const frame: PlanFrame = {
    pointCount: attachment.points.length,
    ingress: attachment.neighbors.map(({ ingress }) => ingress),
    egress: traffic.egress,
    start: traffic.start,
    neighbor: traffic.neighbor,
    volume: traffic.volume,
  };
  const capacities = capacitiesFor(referencePlan(frame, settings.seed), frame, settings.slack);
  const metadata = {
    source: {
      topology: basename(inputName(options.topology)),
      rib: basename(inputName(options.rib)),
      ...(options.sessionMap !== undefined && { sessionMap: basename(mapName) }),
      ...(options.routers !== undefined && { routers: basename(inputName(options.routers)) }),
      ...(given !== null && { traffic: basename(given.name) }),
    },
    synthetic: describeSynthetic(settings, given === null ? rule : null, attachment),
  };
  const name = options.name ?? topology.name ?? 'imported';
  const payload = toPayload({
    name,
    settings,
    metadata,
    topology,
    routerAddresses,
    table,
    attachment,
    traffic,
    capacities,
  });
  return { payload, reports };
}

function trafficRule({ seed, total, zipf }: ImportSettings): TrafficRule {
  return { seed, total, prefixExponent: zipf, neighborExponent: NEIGHBOR_EXPONENT, pairNoise: PAIR_NOISE };
}

/** What of the model is made up, and how: enough to make it again. */
function describeSynthetic(settings: ImportSettings, rule: TrafficRule | null, attachment: Attachment): object {
  const { seed, slack, ingressPoints } = settings;
  const { neighborSource, spreadPeerCount } = attachment;
  return {
    note: 'Parts of this model are synthetic: made from the seed by the rules below, not measured.',
    seed,
    ...(spreadPeerCount > 0 && {
      sessions: { rule: 'Peers without a mapped router, spread over the routers by seed.', count: spreadPeerCount },
    }),
    ...(neighborSource !== 'map' && {
      neighbors: {
        rule: 'Private ASN, ingress points and session addresses (198.18.0.0/15) by seed.',
        count: attachment.neighbors.length,
        names: neighborSource,
        ingressPoints,
      },
    }),
    ...(rule !== null && {
      traffic: {
        rule: 'Zipf volume per prefix over a seeded order; gravity share per neighbor, with noise per pair.',
        totalVolume: rule.total,
        prefixExponent: rule.prefixExponent,
        neighborExponent: rule.neighborExponent,
        pairNoise: rule.pairNoise,
      },
    }),
    capacities: {
      rule:
        '(1 + slack) × the load of a seeded random plan with one egress per prefix, per point and side; ' +
        'where a point carries nothing, the least such capacity of the side.',
      slack,
    },
  };
}

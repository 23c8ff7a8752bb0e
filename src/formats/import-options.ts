import { FaultList } from '../model/fault-list.ts';
import type { Input } from './input.ts';

/** What `egresso import` is given. Files may be gzip; a table may also be a stream. */
export interface ImportOptions {
  /** GraphML file. */
  readonly topology: Input;
  /** Lines of `bgpdump -m`. */
  readonly rib: Input;
  /** CSV file: which peer stands at which router; without it sessions are spread by seed. */
  readonly sessionMap?: Input | undefined;
  /** CSV file: addresses of routers; without it they have none. */
  readonly routers?: Input | undefined;
  /** CSV file of traffic; without it traffic is synthetic. */
  readonly traffic?: Input | undefined;
  /** Name of the model; default is the name of the topology. */
  readonly name?: string | undefined;
  readonly settings?: Partial<ImportSettings> | undefined;
}

export interface ImportSettings {
  readonly seed: number;
  /** Own ASN. */
  readonly asn: number;
  /** Unit of traffic and capacity. */
  readonly unit: string;
  /** How many neighbors are made up, where neither map nor traffic names any. */
  readonly neighbors: number;
  /** Least and most ingress points of a neighbor that is placed by seed. */
  readonly ingressPoints: readonly [number, number];
  /** Keep only this many prefixes, those of most volume; null keeps all. */
  readonly top: number | null;
  /** Volume of all prefixes of the table together, where traffic is synthetic. */
  readonly total: number;
  /** Exponent of the volumes of prefixes. */
  readonly zipf: number;
  /** Capacities are 1 + slack times the load of the reference plan. */
  readonly slack: number;
  /** Keep default routes. */
  readonly keepDefault: boolean;
  /** Make each session an interface with capacities of its own, instead of one point per router. */
  readonly interfaces: boolean;
}

export const DEFAULT_IMPORT_SETTINGS: ImportSettings = {
  seed: 1,
  asn: 64500,
  unit: 'Mbit/s',
  neighbors: 10,
  ingressPoints: [3, 4],
  top: null,
  total: 100_000,
  zipf: 0.9,
  slack: 0.1,
  keepDefault: false,
  interfaces: false,
};

/** Every pair of a made-up neighbor and a prefix is one entry of traffic. */
const MAX_NEIGHBORS = 10_000;

/**
 * Fills in defaults and checks bounds.
 *
 * @throws EgressoError OPTIONS_INVALID
 */
export function importSettings(given: Partial<ImportSettings> = {}): ImportSettings {
  const settings = { ...DEFAULT_IMPORT_SETTINGS, ...withoutUndefined(given) };
  const faults = new FaultList();
  const whole = (name: keyof ImportSettings, value: number, least: number, most: number): void => {
    if (!(Number.isInteger(value) && value >= least && value <= most)) {
      faults.add(`/${name}`, `${value} is no whole number from ${least} to ${most}`);
    }
  };
  const measure = (name: keyof ImportSettings, value: number, most: number): void => {
    if (!(value >= 0 && value <= most)) faults.add(`/${name}`, `${value} is no number from 0 to ${most}`);
  };
  whole('seed', settings.seed, 0, 2 ** 32 - 1);
  whole('asn', settings.asn, 1, 2 ** 32 - 1);
  whole('neighbors', settings.neighbors, 1, MAX_NEIGHBORS);
  const [least, most] = settings.ingressPoints;
  whole('ingressPoints', least, 1, 1000);
  whole('ingressPoints', most, least, 1000);
  if (settings.top !== null) whole('top', settings.top, 1, 2 ** 31 - 1);
  // Whole thousandths stay exact far beyond this.
  measure('total', settings.total, 1e12);
  measure('zipf', settings.zipf, 10);
  measure('slack', settings.slack, 1000);
  if (settings.unit === '') faults.add('/unit', 'the unit is empty');
  if (faults.count > 0) throw faults.toError('OPTIONS_INVALID', 'the import');
  return settings;
}

function withoutUndefined<T extends object>(given: T): T {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;
}

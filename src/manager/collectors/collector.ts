/** The three sources of the manager, one small interface each. Live ones are filled from outside, recordings as time passes. */
import type { InterfaceReading, RivalPath } from '../decision/observation.ts';
import type { FlowBatch } from '../telemetry/flow-batch.ts';
import type { RouteTable } from '../telemetry/route-table.ts';

/** Until the daemon has answered; until the first table was read to its end; from then on. */
export const ROUTES_STATES = ['connecting', 'reading', 'whole'] as const;

export interface RoutesStatus {
  readonly state: (typeof ROUTES_STATES)[number];
  /** Why it could not be asked last; null where it has answered since. */
  readonly error: string | null;
}

export const WHOLE: RoutesStatus = { state: 'whole', error: null };

export interface RouteCollector extends AsyncDisposable {
  readonly table: RouteTable;
  /** What is not in the table before it is whole is not known to be gone. */
  readonly status: RoutesStatus;
  /** Point that a path of our own sends the prefix to, as the routers hold it; null for none. */
  installed(prefix: string): string | null;
  /** Called when routes have gone, between two ticks too; overrides may rest on them. */
  onLoss(listener: () => void): void;
  /** Called whenever the whole table was read, with the prefixes of all paths of our own in it. */
  onOwn(listener: (prefixes: readonly string[]) => void): void;
  /** Called at each tick; answers when news, or a sign of life, last came. `overridden`: prefixes to read back. */
  refresh(atMs: number, overridden: readonly string[]): Promise<number | null>;
  /** Routes that were told, with a next hop of no point, or that are no way out. */
  readonly foreignCount: number;
  /** Paths of another manager, by our community. */
  readonly rivals: readonly RivalPath[];
  /** Watches that had stopped to tell, without a word. */
  readonly lostCount: number;
}

export interface VolumeCollector extends AsyncDisposable {
  /** What has come since the last call; each record is given once. `atMs`: now. */
  take(atMs: number): Promise<FlowBatch>;
  /** Input that could not be used. */
  readonly malformedCount: number;
  /** Records of exporters, or interfaces, of no point. */
  readonly foreignCount: number;
}

export interface InterfaceCollector extends AsyncDisposable {
  read(atMs: number): Promise<readonly InterfaceReading[]>;
  /** Answers that could not be used. */
  readonly malformedCount: number;
  /** Agents that had started anew between two reads; samples that came after later ones. */
  readonly rebootCount: number;
  readonly lateCount: number;
  /** Reads that were given up, as whoever made them did not come back. */
  readonly lostCount: number;
}

export interface Collectors {
  readonly routes: RouteCollector;
  readonly volumes: VolumeCollector;
  readonly interfaces: InterfaceCollector;
}

/** Flow records as a collector takes them in. */

/** Traffic that left at a point, as sampled. */
export interface FlowRecord {
  /** Index into the points, which are sorted by id. */
  readonly point: number;
  /** Address, to be joined to a prefix by longest match. */
  readonly destination: string;
  /** Bits of the destination that are told, where it is a network: no longer prefix is meant. */
  readonly length?: number;
  readonly bytes: number;
  readonly packets: number;
}

/** An exporter that has spoken: whatever its points sent up to some time before is told by now. */
export interface FlowReport {
  /** All points of the exporter, those that it has no records of too. */
  readonly points: readonly number[];
  /** When the last of its records came, by the clock of the ticks. */
  readonly arrivedAtMs: number;
}

export interface FlowBatch {
  readonly records: readonly FlowRecord[];
  readonly reports: readonly FlowReport[];
}

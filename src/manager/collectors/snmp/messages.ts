/** What the collector and its thread say to each other. */

export interface SnmpInterface {
  readonly point: string;
  /** Address. */
  readonly agent: string;
  /** ifName. */
  readonly interface: string;
}

export interface SnmpOptions {
  readonly community: string;
  readonly port: number;
  /** Of a request, which is repeated once. */
  readonly timeoutMs: number;
}

/** `workerData` of the thread. */
export interface SnmpThreadData {
  readonly interfaces: readonly SnmpInterface[];
  readonly options: SnmpOptions;
}

export interface CounterReading {
  readonly point: string;
  /** Out, 0 ≤ octets < 2^64. */
  readonly octets: bigint;
  /** Hundredths of a second. */
  readonly upTime: number;
}

/** Of one agent, as soon as it has answered. */
export interface SnmpReply {
  readonly readings: readonly CounterReading[];
  /** Since the reply before. */
  readonly malformedCount: number;
}

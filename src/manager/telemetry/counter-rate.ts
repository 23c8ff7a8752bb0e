/** Rates from octet counters: wraps, reboots, samples that come twice or late. */

export interface CounterSample {
  readonly atMs: number;
  /** Octets, 0 ≤ octets < 2^64. */
  readonly octets: bigint;
  /** Hundredths of a second since the agent started (sysUpTime, RFC 3418), modulo 2^32. */
  readonly upTime: number;
}

const COUNTER_BITS = 64;
const UP_TIME_MODULUS = 2 ** 32;
/** Clocks of agent and collector may differ by this much between two samples, and samples be read that much apart. */
const UP_TIME_SLACK_MS = 10_000;

export type CounterRate =
  | { readonly kind: 'rate'; readonly bitsPerSecond: number }
  /** The agent started anew: the counter says nothing about the time between. */
  | { readonly kind: 'reboot' }
  /** Not later than the sample before. */
  | { readonly kind: 'late' };

/**
 * Average between two samples of one counter, over the time by the agent's own clock: answers may take a while, and be repeated.
 * A counter that is lower than before has wrapped, unless the agent restarted.
 */
export function counterRate(earlier: CounterSample, later: CounterSample): CounterRate {
  const elapsedMs = later.atMs - earlier.atMs;
  if (!(elapsedMs > 0)) return { kind: 'late' };
  const upTimeMs = ((later.upTime - earlier.upTime + UP_TIME_MODULUS) % UP_TIME_MODULUS) * 10;
  // After a restart the difference, taken as a wrap, is far from the time that has gone by.
  if (Math.abs(upTimeMs - elapsedMs) > UP_TIME_SLACK_MS + elapsedMs / 10) return { kind: 'reboot' };
  if (upTimeMs === 0) return { kind: 'late' };
  const octets = Number(BigInt.asUintN(COUNTER_BITS, later.octets - earlier.octets));
  return { kind: 'rate', bitsPerSecond: (octets * 8000) / upTimeMs };
}

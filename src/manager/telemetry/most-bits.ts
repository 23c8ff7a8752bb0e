/**
 * The most that flow records of an interval are believed to tell of: what their point can carry in it, and in the flow lag before it,
 * as what comes in an interval was sent up to so long earlier. What was sampled is off by chance: N bytes in packets of x, one of s
 * sampled, are told with the variance (s − 1)·x·N (Duffield, Lund, Thorup 2005), which is taken for the largest packets.
 */

/** Jumbo frames. */
const PACKET_BYTES = 9000;
/** By so many standard errors samples are never off. */
const SAMPLING_ERRORS = 5;

/** `mostLoad`: bits per second that the point never exceeds; `samplingRate`: s, 1 for every packet. */
export function mostBits(mostLoad: number, sentMs: number, samplingRate: number): number {
  const bits = (mostLoad * sentMs) / 1000;
  const variance = 8 * (samplingRate - 1) * PACKET_BYTES * bits;
  return bits + SAMPLING_ERRORS * Math.sqrt(variance);
}

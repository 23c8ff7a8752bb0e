/**
 * Volumes by what the counters say: where flow records tell of less than leaves at a point (some are lost, or headers are not in
 * them, or they are late while the load rises), what they tell of counts for so much more. Else a deficit would be taken for room.
 */
import type { Observation } from './observation.ts';
import type { DecisionSettings } from './settings.ts';

/** A deficit beyond the factor `contradiction` is none of flow records. */
export function calibrated(observation: Observation, { contradiction }: DecisionSettings): Observation {
  const factors = new Map(
    observation.points.map(({ point, load, flowVolume }) => {
      const factor = load !== null && flowVolume > 0 ? load / flowVolume : 1;
      return [point, Math.min(Math.max(factor, 1), contradiction)];
    }),
  );
  const prefixes = observation.prefixes.map((reading) => ({
    ...reading,
    volumes: reading.volumes.map((one) => {
      const factor = factors.get(one.point) ?? 1;
      return { ...one, volume: factor * one.volume, variance: factor ** 2 * one.variance };
    }),
  }));
  return { ...observation, prefixes };
}

/** What the readings of a tick say, by the referee's own rules. */
import type { Observation, PrefixReading } from '../../../../src/manager/decision/observation.ts';

/** Where counters say more than flow records, these count for so much more, up to `most` times. */
export function calibrated(observation: Observation, most: number): Observation {
  const factors = new Map(
    observation.points.map(({ point, load, flowVolume }) => {
      const factor = load !== null && Number.isFinite(load) && flowVolume > 0 ? load / flowVolume : 1;
      return [point, Math.min(Math.max(factor, 1), most)] as const;
    }),
  );
  return {
    ...observation,
    prefixes: observation.prefixes.map((reading) => ({
      ...reading,
      volumes: reading.volumes.map((one) => {
        const factor = factors.get(one.point) ?? 1;
        return { ...one, volume: factor * one.volume, variance: factor ** 2 * one.variance };
      }),
    })),
  };
}

export function mainPoint({ volumes }: PrefixReading): string | null {
  const total = volumes.reduce((sum, { volume }) => sum + volume, 0);
  return volumes.find(({ volume }) => total > 0 && volume >= 0.8 * total)?.point ?? null;
}

export function volumeAt({ volumes }: PrefixReading, point: string): number {
  return volumes.find((one) => one.point === point)?.volume ?? 0;
}

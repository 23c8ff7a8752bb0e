/** What would be seen if overrides were in force: for a dry run, and for recordings, where nothing follows what is decided. */
import type { Observation, PointVolume, PrefixReading } from './decision/observation.ts';
import type { Override } from './decision/state.ts';

/** All traffic of an overridden prefix leaves at its target, if that is still learned there; the loads say so. */
export function withOverrides(observation: Observation, overrides: readonly Override[]): Observation {
  const targets = new Map(overrides.map(({ prefix, to }) => [prefix, to]));
  const shifts = new Map<string, number>();
  const shift = (point: string, volume: number): void => void shifts.set(point, (shifts.get(point) ?? 0) + volume);
  const prefixes = observation.prefixes.map((reading) => {
    const to = targets.get(reading.prefix);
    if (to === undefined || !reading.learned.some(({ point }) => point === to)) return reading;
    for (const { point, volume } of reading.volumes) {
      shift(point, -volume);
      shift(to, volume);
    }
    return { ...reading, volumes: together(reading, to), installed: to };
  });
  const points = observation.points.map((one) => {
    const moved = shifts.get(one.point) ?? 0;
    // What is not measured stays so.
    const load = one.load === null ? null : Math.max(0, one.load + moved);
    return { ...one, load, flowVolume: Math.max(0, one.flowVolume + moved) };
  });
  return { ...observation, points, prefixes };
}

function together({ volumes }: PrefixReading, point: string): PointVolume[] {
  const sum = (of: (one: PointVolume) => number): number => volumes.reduce((total, one) => total + of(one), 0);
  return volumes.length === 0
    ? []
    : [
        {
          point,
          volume: sum(({ volume }) => volume),
          variance: sum(({ variance }) => variance),
          latest: sum(({ latest }) => latest),
        },
      ];
}

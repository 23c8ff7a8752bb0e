/** What would be seen if overrides were in force: for a dry run, and for recordings, where nothing follows what is decided. */
import type { Observation, PointVolume, PrefixReading } from './decision/observation.ts';
import type { Override } from './decision/state.ts';

/** All traffic of an overridden prefix leaves at its target, if that is still learned there; the loads say so. */
export function withOverrides(observation: Observation, overrides: readonly Override[]): Observation {
  const targets = new Map(overrides.map(({ prefix, to }) => [prefix, to]));
  const loads = new Map(observation.points.map(({ point, load }) => [point, load]));
  const prefixes = observation.prefixes.map((reading) => {
    const to = targets.get(reading.prefix);
    if (to === undefined || !reading.learned.some(({ point }) => point === to)) return reading;
    for (const { point, volume } of reading.volumes) {
      shift(loads, point, -volume);
      shift(loads, to, volume);
    }
    return { ...reading, volumes: together(reading, to), installed: to };
  });
  const points = observation.points.map((one) => ({ ...one, load: loads.get(one.point) ?? null }));
  return { ...observation, points, prefixes };
}

/** What is not measured stays so. */
function shift(loads: Map<string, number | null>, point: string, volume: number): void {
  const load = loads.get(point);
  if (typeof load === 'number') loads.set(point, Math.max(0, load + volume));
}

function together({ volumes }: PrefixReading, point: string): PointVolume[] {
  const sum = (of: (one: PointVolume) => number): number => volumes.reduce((total, one) => total + of(one), 0);
  return volumes.length === 0
    ? []
    : [{ point, volume: sum(({ volume }) => volume), variance: sum(({ variance }) => variance) }];
}

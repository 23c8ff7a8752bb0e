/** Did the network follow? Routes are read back, and traffic has to leave at the new point. */
import { type PrefixReading, totalVolume, volumeAt } from './observation.ts';
import type { Override } from './state.ts';

/** Of the traffic of a prefix. Averages lag behind, and some flows were recorded before the move. */
const MOVED_SHARE = 0.5;

/** `negligible`: volume that proves nothing either way. */
export function hasFollowed({ to }: Override, reading: PrefixReading | undefined, negligible: number): boolean {
  if (reading === undefined || reading.installed !== to) return false;
  const total = totalVolume(reading);
  return total <= negligible || volumeAt(reading, to) >= MOVED_SHARE * total;
}

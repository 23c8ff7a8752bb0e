import type { AdvertisementTable, PrefixTable } from './network-model.ts';

/**
 * Out(k) of every prefix: the points given, else, without penalties, the points where k was advertised. Both come
 * sorted, so one pass counts the slots and one fills them.
 */
export function withAdvertisedEgress(given: PrefixTable, advertisements: AdvertisementTable): PrefixTable {
  if (advertisements.count === 0) return given;
  const { count } = given;
  const advertised = advertisementStart(advertisements, count);
  const isGiven = (k: number): boolean => given.egressStart[k] < given.egressStart[k + 1];
  const isNewPoint = (a: number, k: number): boolean =>
    a === advertised[k] || advertisements.at[a] !== advertisements.at[a - 1];
  const egressStart = new Int32Array(count + 1);
  for (let k = 0; k < count; k++) {
    let slots = given.egressStart[k + 1] - given.egressStart[k];
    for (let a = advertised[k]; !isGiven(k) && a < advertised[k + 1]; a++) if (isNewPoint(a, k)) slots++;
    egressStart[k + 1] = egressStart[k] + slots;
  }
  const egressPoint = new Int32Array(egressStart[count]);
  const egressPenalty = new Float64Array(egressStart[count]);
  for (let k = 0; k < count; k++) {
    let slot = egressStart[k];
    for (let e = given.egressStart[k]; e < given.egressStart[k + 1]; e++, slot++) {
      egressPoint[slot] = given.egressPoint[e];
      egressPenalty[slot] = given.egressPenalty[e];
    }
    for (let a = advertised[k]; !isGiven(k) && a < advertised[k + 1]; a++) {
      if (isNewPoint(a, k)) egressPoint[slot++] = advertisements.at[a];
    }
  }
  return { ...given, egressStart, egressPoint, egressPenalty };
}

/** Int32 [prefixes + 1]: the advertisements of prefix k run from `start[k]` to `start[k + 1]`. */
export function advertisementStart({ count, prefix }: AdvertisementTable, prefixCount: number): Int32Array {
  const start = new Int32Array(prefixCount + 1);
  for (let a = 0; a < count; a++) start[prefix[a] + 1]++;
  for (let k = 0; k < prefixCount; k++) start[k + 1] += start[k];
  return start;
}

import { FaultList, shown } from '../model/fault-list.ts';
import type { Attachment } from './attachment.ts';
import type { BgpTable } from './bgp-table.ts';
import { commonEgressOf } from './eligible-egress.ts';
import { prefixVolumes, splitAmongNeighbors, type TrafficRule } from './synthetic.ts';
import type { TrafficList } from './traffic-csv.ts';

/** Which prefixes of the table stay, and who sends how much to them. */
export interface ImportedTraffic {
  /** Int32, prefixes of the table, ascending. */
  readonly kept: Int32Array;
  /** Int32 [kept + 1]. */
  readonly start: Int32Array;
  /** Int32 [pairs], index into the neighbors of the attachment. */
  readonly neighbor: Int32Array;
  /** Float64 [pairs]. */
  readonly volume: Float64Array;
  /** Per kept prefix: Int32, points that are eligible for all who send to it, as far as such points exist. */
  readonly egress: readonly Int32Array[];
  readonly reports: readonly string[];
}

/** Makes traffic up by the rule, for the `top` prefixes of most volume (null: all). */
export function makeTraffic(
  table: BgpTable,
  attachment: Attachment,
  top: number | null,
  rule: TrafficRule,
): ImportedTraffic {
  const volumes = prefixVolumes(table.prefixes.length, rule);
  const kept = heaviest(volumes, top);
  const split = splitAmongNeighbors(
    Float64Array.from(kept, (k) => volumes[k]),
    attachment.neighbors.length,
    rule,
  );
  const start = new Int32Array(kept.length + 1);
  const neighbor = new Int32Array(split.count);
  const volume = new Float64Array(split.count);
  const egress: Int32Array[] = [];
  const commonEgress = commonEgressOf(table, attachment);
  let count = 0;
  for (let i = 0; i < kept.length; i++) {
    const senders = split.neighbor.subarray(split.start[i], split.start[i + 1]);
    const { points, refused } = commonEgress(kept[i], senders);
    egress.push(points);
    for (let pair = split.start[i]; pair < split.start[i + 1]; pair++) {
      if (refused.includes(split.neighbor[pair])) continue;
      neighbor[count] = split.neighbor[pair];
      volume[count++] = split.volume[pair];
    }
    start[i + 1] = count;
  }
  const refusedCount = split.count - count;
  const reports =
    refusedCount === 0
      ? []
      : [`Pairs without traffic, because no egress would be eligible for all senders of the prefix: ${refusedCount}.`];
  return { kept, start, neighbor: neighbor.slice(0, count), volume: volume.slice(0, count), egress, reports };
}

/**
 * Fits traffic of a file to the table, for the `top` prefixes of most volume (null: all).
 *
 * @throws EgressoError FORMAT_INVALID, with `/line/N/neighbor` pointers, for neighbors that are not attached.
 */
export function fitTraffic(
  list: TrafficList,
  listName: string,
  table: BgpTable,
  attachment: Attachment,
  top: number | null,
): ImportedTraffic {
  const prefixIndex = new Map(table.prefixes.map((prefix, k) => [prefix, k]));
  const neighborIndex = new Map(attachment.neighbors.map(({ id }, h) => [id, h]));
  const prefixOf = list.prefixes.map((prefix) => prefixIndex.get(prefix) ?? -1);
  const neighborOf = list.neighbors.map((id) => neighborIndex.get(id) ?? -1);
  const faults = new FaultList();
  const volumes = new Float64Array(table.prefixes.length);
  let lostCount = 0;
  let lostVolume = 0;
  for (let i = 0; i < list.count; i++) {
    if (neighborOf[list.neighbor[i]] < 0) {
      const id = shown(list.neighbors[list.neighbor[i]]);
      faults.add(`/line/${list.line[i]}/neighbor`, `${id} is no neighbor that the session map names`);
    }
    const k = prefixOf[list.prefix[i]];
    if (k >= 0) volumes[k] += list.volume[i];
    else {
      lostCount++;
      lostVolume += list.volume[i];
    }
  }
  if (faults.count > 0) throw faults.toError('FORMAT_INVALID', listName);
  const reports =
    lostCount === 0
      ? []
      : [`Lines of traffic to prefixes that the table does not have: ${lostCount} (volume ${lostVolume}).`];
  const kept = heaviest(volumes, top);
  const placeOf = new Int32Array(table.prefixes.length).fill(-1);
  kept.forEach((k, i) => {
    placeOf[k] = i;
  });
  const placeOfRow = (row: number): number => placeOf[prefixOf[list.prefix[row]]] ?? -1;
  const rows = Array.from({ length: list.count }, (_, row) => row)
    .filter((row) => placeOfRow(row) >= 0)
    .sort((a, b) => placeOfRow(a) - placeOfRow(b) || neighborOf[list.neighbor[a]] - neighborOf[list.neighbor[b]]);
  const start = new Int32Array(kept.length + 1);
  for (const row of rows) start[placeOfRow(row) + 1]++;
  for (let i = 0; i < kept.length; i++) start[i + 1] += start[i];
  const neighbor = Int32Array.from(rows, (row) => neighborOf[list.neighbor[row]]);
  const volume = Float64Array.from(rows, (row) => list.volume[row]);
  const commonEgress = commonEgressOf(table, attachment);
  const egress = Array.from(kept, (k, i) => commonEgress(k, neighbor.subarray(start[i], start[i + 1])).points);
  return { kept, start, neighbor, volume, egress, reports };
}

/** Int32, ascending: the `top` largest of the volumes, of equal ones the first. */
function heaviest(volumes: Float64Array, top: number | null): Int32Array {
  const order = Int32Array.from(volumes, (_, k) => k);
  if (top === null || top >= volumes.length) return order;
  return order
    .sort((a, b) => volumes[b] - volumes[a] || a - b)
    .slice(0, top)
    .sort();
}

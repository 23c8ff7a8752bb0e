import { allRows, groupRows } from './grouping.ts';
import { NodeHeap } from './node-heap.ts';

/** Links of an IGP between nodes that are numbered from 0, one direction each. */
export interface DirectedLinks {
  readonly nodeCount: number;
  /** Int32 [links]. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Float64 [links], metric ≥ 0. */
  readonly metric: Float64Array;
}

/**
 * Float64 [sources × targets], row-major from × to: shortest-path metrics from the nodes 0 to sourceCount - 1 to the nodes 0 to
 * targetCount - 1; Infinity where there is no path. Of parallel links the least counts.
 *
 * Dijkstra's algorithm from every source, O(sources · links · log links). A metric is the sum along the path from its
 * source on, so it is exact for integers.
 */
export function shortestPaths(links: DirectedLinks, sourceCount: number, targetCount = sourceCount): Float64Array {
  const adjacency = adjacencyOf(links);
  const distance = new Float64Array(links.nodeCount);
  const heap = new NodeHeap(links.from.length + 1);
  const paths = new Float64Array(sourceCount * targetCount);
  for (let source = 0; source < sourceCount; source++) {
    reach(adjacency, source, distance, heap);
    paths.set(distance.subarray(0, targetCount), source * targetCount);
  }
  return paths;
}

/** Links of node v run from `start[v]` to `start[v + 1]`. */
interface Adjacency {
  readonly start: Int32Array;
  readonly to: Int32Array;
  readonly metric: Float64Array;
}

function adjacencyOf({ nodeCount, from, to, metric }: DirectedLinks): Adjacency {
  const { start, rows } = groupRows(allRows(from.length), from, nodeCount);
  return { start, to: rows.map((link) => to[link]), metric: Float64Array.from(rows, (link) => metric[link]) };
}

function reach({ start, to, metric }: Adjacency, source: number, distance: Float64Array, heap: NodeHeap): void {
  distance.fill(Infinity);
  distance[source] = 0;
  heap.push(source, 0);
  while (heap.size > 0) {
    const reached = heap.leastKey;
    const node = heap.pop();
    // A node is pushed again whenever a shorter path is found; what is popped later is stale.
    if (reached > distance[node]) continue;
    for (let link = start[node]; link < start[node + 1]; link++) {
      const candidate = reached + metric[link];
      if (candidate >= distance[to[link]]) continue;
      distance[to[link]] = candidate;
      heap.push(to[link], candidate);
    }
  }
}

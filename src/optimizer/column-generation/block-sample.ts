/**
 * A smaller program that looks like a large one: the heaviest blocks, and every r-th of the others by weight standing for
 * its like, its cost and loads multiplied. Guarantee: none; its prices are near those of the whole, its value is no bound
 * of it. Cost: O(blocks · log blocks), then that of the blocks drawn.
 */
import type { ColumnOracle } from './column-oracle.ts';

export function sampleBlocks(oracle: ColumnOracle, size: number): ColumnOracle {
  const { blockWeight } = oracle;
  const byWeight = Array.from(blockWeight.keys()).sort((a, b) => blockWeight[b] - blockWeight[a] || a - b);
  const heavy = byWeight.slice(0, size / 2);
  const rest = byWeight.slice(size / 2);
  const stride = rest.length / (size - heavy.length);
  const drawn = Array.from({ length: size - heavy.length }, (_, at) => rest[Math.floor((at + 0.5) * stride)]);
  const weightOf = (blocks: readonly number[]) => blocks.reduce((sum, block) => sum + blockWeight[block], 0);
  const factor = weightOf(rest) / weightOf(drawn) || 1;

  const blocks = Int32Array.from([...heavy, ...drawn]).sort();
  const drawnSet = new Set(drawn);
  const times = Float64Array.from(blocks, (block) => (drawnSet.has(block) ? factor : 1));
  const indexOf = new Map(Array.from(blocks, (block, index) => [block, index]));
  return {
    blockCount: blocks.length,
    resourceCount: oracle.resourceCount,
    blockWeight: Float64Array.from(blocks, (block, index) => blockWeight[block] * times[index]),
    price(prices, costWeight, sink, wanted) {
      let total = 0;
      const scaled = (value: number, column: Parameters<typeof sink>[1]) => {
        const block = indexOf.get(column.block) as number;
        const amounts = Array.from(column.amounts, (amount) => amount * times[block]);
        total += value * times[block];
        sink(value * times[block], { ...column, block, cost: column.cost * times[block], amounts });
      };
      oracle.price(prices, costWeight, scaled, wanted?.map((index) => blocks[index]) ?? blocks);
      return total;
    },
  };
}

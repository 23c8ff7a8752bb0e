import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import { shortestPaths } from '../../src/model/igp.ts';

type Link = readonly [from: number, to: number, metric: number];

function linksOf(nodeCount: number, links: readonly Link[]) {
  return {
    nodeCount,
    from: Int32Array.from(links, ([from]) => from),
    to: Int32Array.from(links, ([, to]) => to),
    metric: Float64Array.from(links, ([, , metric]) => metric),
  };
}

/** Floyd and Warshall, as an oracle. */
function allPaths(nodeCount: number, links: readonly Link[]): number[][] {
  const path = Array.from({ length: nodeCount }, (_, i) =>
    Array.from({ length: nodeCount }, (_, j) => (i === j ? 0 : Infinity)),
  );
  for (const [from, to, metric] of links) path[from][to] = Math.min(path[from][to], metric);
  for (let via = 0; via < nodeCount; via++) {
    for (const row of path) {
      for (let j = 0; j < nodeCount; j++) row[j] = Math.min(row[j], row[via] + path[via][j]);
    }
  }
  return path;
}

const network = fc.integer({ min: 1, max: 12 }).chain((nodeCount) => {
  const node = fc.integer({ min: 0, max: nodeCount - 1 });
  const link = fc.tuple(node, node, fc.integer({ min: 0, max: 5 }));
  return fc.record({
    nodeCount: fc.constant(nodeCount),
    sourceCount: fc.integer({ min: 0, max: nodeCount }),
    links: fc.array(link, { maxLength: 40 }),
  });
});

describe('shortestPaths', () => {
  it('equals Floyd and Warshall, with zero metrics, parallel links and loops', () => {
    fc.assert(
      fc.property(network, ({ nodeCount, sourceCount, links }) => {
        const expected = allPaths(nodeCount, links).slice(0, sourceCount);
        const paths = shortestPaths(linksOf(nodeCount, links), sourceCount);
        expect([...paths]).toEqual(expected.flatMap((row) => row.slice(0, sourceCount)));
      }),
      { numRuns: 500 },
    );
  });

  it('is quick for 200 routers', () => {
    const links: Link[] = [];
    for (let v = 0; v < 200; v++)
      for (const step of [1, 7, 31]) links.push([v, (v + step) % 200, 1 + ((v * step) % 20)]);
    const started = performance.now();
    shortestPaths(linksOf(200, [...links, ...links.map(([a, b, metric]) => [b, a, metric] as const)]), 200);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('links of a model', () => {
  const model = (links: object[]) =>
    buildModel({ version: 1, routers: [{ id: 'a' }, { id: 'b' }], links, neighbors: [], prefixes: [], traffic: [] });

  it('go through inner routers, both ways', () => {
    const links = [
      { from: 'a', to: 'core', distance: 0 },
      { from: 'b', to: 'core', distance: 3 },
      { from: 'a', to: 'b', distance: 4 },
      { from: 'b', to: 'a', distance: 9 },
    ];
    expect([...model(links).routerDistance]).toEqual([0, 3, 3, 0]);
  });

  it('may be directed', () => {
    const links = [
      { from: 'a', to: 'b', distance: 4, directed: true },
      { from: 'b', to: 'core', distance: 1, directed: true },
    ];
    expect([...model(links).routerDistance]).toEqual([0, 4, Infinity, 0]);
  });

  it('may be distances that differ by direction', () => {
    const distances = [
      { from: 'a', to: 'b', distance: 4, directed: true },
      { from: 'b', to: 'a', distance: 5, directed: true },
      { from: 'a', to: 'a', distance: 0 },
    ];
    const { routerDistance } = buildModel({
      version: 1,
      routers: [{ id: 'a' }, { id: 'b' }],
      distances,
      neighbors: [],
      prefixes: [],
      traffic: [],
    });
    expect([...routerDistance]).toEqual([0, 4, 5, 0]);
  });
});

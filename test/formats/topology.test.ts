import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { greatCircleKm, parseTopology } from '../../src/formats/topology.ts';
import { faultOf, mayFail } from './fault.ts';

const fixture = (name: string): string =>
  readFileSync(
    new URL(
      name === 'Geant2012' ? '../../examples/data/Geant2012.graphml' : `../fixtures/topology/${name}.graphml`,
      import.meta.url,
    ),
    'utf8',
  );

interface NodeSpec {
  id: string;
  label?: string;
  at?: [number, number];
}

function graphml(
  nodes: NodeSpec[],
  edges: [string, string, (number | string)?][],
  attributes = 'edgedefault="undirected"',
): string {
  const data = (key: string, value: string | number | undefined): string =>
    value === undefined ? '' : `<data key="${key}">${value}</data>`;
  return [
    '<graphml>',
    '<key id="lat" for="node" attr.name="Latitude"/><key id="lon" for="node" attr.name="Longitude"/>',
    '<key id="lab" for="node" attr.name="label"/><key id="m" for="edge" attr.name="Weight"/>',
    `<graph ${attributes}>`,
    ...nodes.map(
      ({ id, label, at }) =>
        `<node id="${id}">${data('lat', at?.[0])}${data('lon', at?.[1])}${data('lab', label)}</node>`,
    ),
    ...edges.map(([from, to, metric]) => `<edge source="${from}" target="${to}">${data('m', metric)}</edge>`),
    '</graph></graphml>',
  ].join('\n');
}

describe('topologies of the Internet Topology Zoo', () => {
  it.each([
    ['Abilene', 11, 14],
    ['AttMpls', 25, 56],
    ['Cogentco', 197, 243],
    ['Geant2012', 40, 61],
    ['Tinet', 53, 89],
    ['Uunet', 49, 84],
  ])('%s: %i nodes, %i links, all connected, all with coordinates and metrics', (name, nodeCount, linkCount) => {
    const topology = parseTopology(fixture(name));
    expect(topology.name).toBe(name);
    expect(topology.nodes).toHaveLength(nodeCount);
    expect(topology.links).toHaveLength(linkCount);
    expect(topology.connected).toHaveLength(nodeCount);
    expect(new Set(topology.nodes.map(({ id }) => id)).size).toBe(nodeCount);
    for (const { latitude, longitude } of topology.nodes) {
      expect(Math.abs(latitude ?? Number.NaN)).toBeLessThanOrEqual(90);
      expect(Math.abs(longitude ?? Number.NaN)).toBeLessThanOrEqual(180);
    }
    for (const { metric } of topology.links) {
      expect(Number.isInteger(metric)).toBe(true);
      expect(metric).toBeGreaterThanOrEqual(1);
    }
  });

  it('Abilene has the distances of its cities', () => {
    const { nodes, links } = parseTopology(fixture('Abilene'));
    const metric = (a: string, b: string): number | undefined =>
      links.find(({ from, to }) => [nodes[from].id, nodes[to].id].sort().join() === [a, b].sort().join())?.metric;
    expect(metric('New York', 'Chicago')).toBe(1146);
    expect(metric('New York', 'Washington DC')).toBe(328);
  });

  it('reports the nodes of GEANT that have no coordinates', () => {
    expect(parseTopology(fixture('Geant2012')).reports).toEqual([
      "No coordinates, the mean of the neighbors' is taken: UA, MD, BY.",
    ]);
  });

  it('tells equal labels apart by id and names parallel links', () => {
    const uunet = parseTopology(fixture('Uunet')).nodes.map(({ id }) => id);
    expect(uunet).toContain('London-11');
    expect(uunet).not.toContain('London');
    expect(parseTopology(fixture('AttMpls')).reports).toEqual([
      'Of parallel links the least metric is kept: LA03–PHNX.',
    ]);
  });
});

describe('coordinates and metrics', () => {
  it('a chain without coordinates is filled ring by ring, whatever the order of nodes', () => {
    const nodes: NodeSpec[] = [
      { id: 'c' },
      { id: 'b' },
      { id: 'a', at: [10, 20] },
      { id: 'd' },
      { id: 'e', at: [30, 40] },
    ];
    const edges: [string, string][] = [
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'd'],
      ['d', 'e'],
    ];
    const places = (spec: NodeSpec[]) =>
      new Map(
        parseTopology(graphml(spec, edges)).nodes.map(({ id, latitude, longitude }) => [id, [latitude, longitude]]),
      );
    const found = places(nodes);
    expect(found.get('b')).toEqual([10, 20]);
    expect(found.get('d')).toEqual([30, 40]);
    expect(found.get('c')).toEqual([20, 30]);
    expect(places([...nodes].reverse())).toEqual(found);
  });

  it('a mean across the 180th meridian stays there', () => {
    const topology = parseTopology(
      graphml(
        [{ id: 'x' }, { id: 'fiji', at: [-18, 178] }, { id: 'samoa', at: [-14, -172] }],
        [
          ['x', 'fiji'],
          ['x', 'samoa'],
        ],
      ),
    );
    expect(topology.nodes[0]).toMatchObject({ latitude: -16, longitude: -177 });
  });

  it('metrics that links carry are taken as they are; mixed ones are reported', () => {
    const topology = parseTopology(
      graphml(
        [
          { id: 'a', at: [0, 0] },
          { id: 'b', at: [0, 1] },
          { id: 'c', at: [0, 2] },
        ],
        [
          ['a', 'b', 7.5],
          ['b', 'c'],
        ],
      ),
    );
    expect(topology.links.map(({ metric }) => metric)).toEqual([7.5, 111]);
    expect(topology.reports).toEqual(['Links without a metric, which take their length in km: 1 of 2.']);
  });

  it('without coordinates at all every metric is 1, and that is reported', () => {
    const topology = parseTopology(graphml([{ id: 'a' }, { id: 'b' }], [['a', 'b']]));
    expect(topology.links).toEqual([{ from: 0, to: 1, metric: 1 }]);
    expect(topology.reports).toEqual([
      'No coordinates, nor has any neighbor: a, b.',
      'Links with neither metric nor coordinates, which take the metric 1: 1.',
    ]);
  });

  it('self-loops are dropped, parallel links keep the least, lone nodes are reported', () => {
    const topology = parseTopology(
      graphml(
        [
          { id: 'a', at: [0, 0] },
          { id: 'b', at: [0, 0] },
          { id: 'z', at: [1, 1] },
        ],
        [
          ['a', 'a'],
          ['a', 'b', 9],
          ['b', 'a', 4],
        ],
      ),
    );
    expect(topology.links).toEqual([{ from: 0, to: 1, metric: 4 }]);
    expect(topology.connected).toEqual(Int32Array.of(0, 1));
    expect(topology.reports).toEqual([
      'Self-loops are left out: a.',
      'Of parallel links the least metric is kept: a–b.',
      'Not connected with the rest, no session is put there: z.',
    ]);
  });

  it('a directed graph keeps its directions and connects only what reaches each other', () => {
    const nodes = ['a', 'b', 'c'].map((id): NodeSpec => ({ id, at: [0, 0] }));
    const topology = parseTopology(
      graphml(
        nodes,
        [
          ['a', 'b', 1],
          ['b', 'a', 2],
          ['b', 'c', 3],
        ],
        'edgedefault="directed"',
      ),
    );
    expect(topology.directed).toBe(true);
    expect(topology.links).toHaveLength(3);
    expect(topology.connected).toEqual(Int32Array.of(0, 1));
  });

  it('great-circle lengths: a quarter of a meridian, antipodes, nothing', () => {
    const radius = 6371.0088;
    const at = (latitude: number, longitude: number) => ({ latitude, longitude });
    expect(greatCircleKm(at(0, 0), at(90, 0))).toBeCloseTo((Math.PI / 2) * radius, 6);
    expect(greatCircleKm(at(0, 0), at(0, 180))).toBeCloseTo(Math.PI * radius, 6);
    expect(greatCircleKm(at(52, 5), at(52, 5))).toBe(0);
  });
});

describe('faults of GraphML', () => {
  it.each([
    ['nothing', '', 1],
    ['plain text', 'hello', 1],
    ['a tag that is not closed', '<graphml>\n<graph>\n<node id="a">\n</graph></graphml>', 4],
    ['no graph', '<graphml/>', 1],
    ['another language', '<svg></svg>', 1],
    ['a document type', '<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "b">]>\n<graphml/>', 2],
    ['no nodes', '<graphml>\n<graph id="g"></graph></graphml>', 2],
  ])('%s', async (_, text, line) => {
    const fault = await faultOf(() => parseTopology(text), 'FORMAT_INVALID');
    expect(fault.errors[0].pointer).toBe(`/line/${line}`);
  });

  it('all faults of nodes and edges at once, with their lines', async () => {
    const text = graphml(
      [{ id: 'a', at: [91, 0] }, { id: 'a' }, { id: '' }],
      [
        ['a', 'q'],
        ['a', 'a', 'fast'],
        ['a', 'a', -1],
      ],
    );
    const fault = await faultOf(() => parseTopology(text), 'FORMAT_INVALID');
    expect(fault.errors.map(({ pointer, message }) => `${pointer} ${message}`)).toEqual([
      '/line/5 latitude "91" of node "a" is no number from -90 to 90',
      '/line/6 node id "a" occurs twice',
      '/line/7 a node has no id',
      '/line/8 target "q" of an edge is no node',
      '/line/9 weight "fast" of an edge is no number from 0 to 1e+60',
      '/line/10 weight "-1" of an edge is no number from 0 to 1e+60',
    ]);
  });

  it('deep nesting and dangerous names are faults, not crashes', async () => {
    await faultOf(() => parseTopology('<a>'.repeat(5000) + '</a>'.repeat(5000)), 'FORMAT_INVALID');
    await faultOf(() => parseTopology('<graphml><__proto__/></graphml>'), 'FORMAT_INVALID');
  });

  it('never fails with anything but FORMAT_INVALID', async () => {
    const valid = graphml(
      [
        { id: 'a', at: [1, 2] },
        { id: 'b', label: 'B' },
      ],
      [['a', 'b', 3]],
    );
    const mutated = fc
      .tuple(fc.nat(valid.length), fc.nat(12), fc.string({ maxLength: 12 }))
      .map(([at, cut, text]) => valid.slice(0, at) + text + valid.slice(at + cut));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), mutated), async (text) => {
        const topology = await mayFail(() => parseTopology(text), 'FORMAT_INVALID');
        for (const { metric } of topology?.links ?? []) expect(Number.isFinite(metric)).toBe(true);
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});

import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { importNetwork } from '../../src/formats/import-network.ts';
import { buildModel } from '../../src/model/build-model.ts';
import { distanceBetween } from '../../src/model/network-model.ts';

const example = (name: string): string => fileURLToPath(new URL(`../../examples/data/${name}`, import.meta.url));

it.each([1, 2, 3])(
  'GEANT with the RouteViews table, seed %i: hot potato overloads a fifth of its points',
  async (seed) => {
    const { payload } = await importNetwork({
      topology: example('Geant2012.graphml'),
      rib: example('routeviews-2014-05-23-sample.bgpdump.txt.gz'),
      settings: { seed, top: 2000 },
    });
    const model = buildModel(payload);
    const { points, neighbors, prefixes, traffic, advertisements } = model;
    expect(prefixes.count).toBe(2000);
    expect(traffic.count).toBe(20_000);
    expect(advertisements.count).toBeGreaterThan(50_000);
    expect(traffic.eligible).toBe(null);
    const load = { ingress: new Float64Array(points.length), egress: new Float64Array(points.length) };
    for (let k = 0; k < prefixes.count; k++) {
      const egress = prefixes.egressPoint.subarray(prefixes.egressStart[k], prefixes.egressStart[k + 1]);
      for (let pair = traffic.start[k]; pair < traffic.start[k + 1]; pair++) {
        let least = Number.POSITIVE_INFINITY;
        let nearest = [-1, -1];
        for (const i of neighbors[traffic.neighbor[pair]].ingress) {
          for (const j of egress) {
            const distance = distanceBetween(model, i, j);
            if (distance >= least) continue;
            least = distance;
            nearest = [i, j];
          }
        }
        load.ingress[nearest[0]] += traffic.volume[pair];
        load.egress[nearest[1]] += traffic.volume[pair];
      }
    }
    const used = points.filter((_, p) => load.ingress[p] + load.egress[p] > 0);
    const overloaded = points.filter(
      ({ ingressCapacity, egressCapacity }, p) => load.ingress[p] > ingressCapacity || load.egress[p] > egressCapacity,
    );
    expect(overloaded.length / used.length).toBeGreaterThanOrEqual(0.2);
  },
);

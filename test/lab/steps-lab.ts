/** A network and two plans for it that are told apart by how prefixes move between them. */
import { buildModel } from '../../src/model/build-model.ts';
import type { NetworkModel } from '../../src/model/network-model.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { Lab } from './lab.ts';
import { labPayload } from './lab-model.ts';
import type { Announcement, LabTopology } from './network/topology.ts';
import type { FibWay } from './observe/fib-ways.ts';
import { patentNetwork } from './patent-lab.ts';

export const NEIGHBORS = ['A1', 'A2'] as const;
const PREFIXES_PER_MOVE = 5;

/** Ways of A1 and of A2, as `ingress egress`. */
type Ways = readonly [string, string];

interface Kind {
  readonly before: Ways;
  readonly after: Ways;
  /** ASes on the way behind each provider; else b1 is far from all destinations. */
  readonly asCounts?: AsCounts;
}

type Provider = 'U1' | 'U3' | 'U4';
type AsCounts = Readonly<Record<Provider, number>>;

const AS_COUNTS: AsCounts = { U1: 3, U3: 1, U4: 1 };

export const KINDS: Readonly<Record<string, Kind>> = {
  stays: { before: ['b1 b3', 'b2 b4'], after: ['b1 b3', 'b2 b4'] },
  egress: { before: ['b1 b3', 'b2 b3'], after: ['b1 b4', 'b2 b4'] },
  ingress: { before: ['b1 b3', 'b2 b3'], after: ['b2 b3', 'b2 b3'] },
  both: { before: ['b1 b4', 'b2 b4'], after: ['b2 b3', 'b1 b3'] },
  spread: { before: ['b1 b4', 'b2 b4'], after: ['b1 b3', 'b2 b4'] },
  gathered: { before: ['b1 b3', 'b2 b4'], after: ['b1 b3', 'b2 b3'] },
  // The path that neighbors are told gets longer, at one point before the other: for a moment they may come in there.
  lengthened: { before: ['b1 b3', 'b2 b4'], after: ['b1 b1', 'b2 b1'] },
  // Routes at b1 and b4 come to be preferred before neighbors go elsewhere: what still enters at b1 leaves there, at b2 by b4.
  strays: { before: ['b1 b3', 'b2 b3'], after: ['b2 b4', 'b1 b1'], asCounts: { U1: 2, U3: 1, U4: 2 } },
};

export interface LabPair {
  readonly neighbor: string;
  readonly prefix: string;
  readonly kind: string;
  readonly before: FibWay;
  readonly after: FibWay;
}

export const pairs: readonly LabPair[] = Object.entries(KINDS).flatMap(([kind, { before, after }], octet) =>
  Array.from({ length: PREFIXES_PER_MOVE }, (_, at) => `10.${20 + octet}.${at}.0/24`).flatMap((prefix) =>
    NEIGHBORS.map((neighbor, h) => ({ neighbor, prefix, kind, before: wayOf(before[h]), after: wayOf(after[h]) })),
  ),
);

function wayOf(text: string): FibWay {
  const [ingress = '', egress = ''] = text.split(' ');
  return { ingress, egress };
}

const announced = (provider: Provider): Announcement[] =>
  pairs
    .filter(({ neighbor }) => neighbor === NEIGHBORS[0])
    .map(({ prefix, kind }) => {
      const count = (KINDS[kind].asCounts ?? AS_COUNTS)[provider];
      return { prefix, asPath: Array.from({ length: count }, (_, at) => 64700 + at) };
    });

export const stepsTopology: LabTopology = {
  ...patentNetwork,
  addPath: true,
  neighbors: [
    ...patentNetwork.neighbors,
    { id: 'U1', asn: 64601, at: ['b1'], announces: announced('U1') },
    { id: 'U3', asn: 64603, at: ['b3'], announces: announced('U3') },
    { id: 'U4', asn: 64604, at: ['b4'], announces: announced('U4') },
  ],
};

/** So much more than either plan asks for that not all moves fit at once. */
const HEADROOM = 12;

export function stepsModel(lab: Lab): NetworkModel {
  const payload = labPayload(lab, stepsTopology, { senders: NEIGHBORS }) as { routers: { id: string }[] };
  const routers = payload.routers.map((router) => {
    const load = (end: 'before' | 'after') => pairs.filter((pair) => pair[end].egress === router.id).length;
    return { ...router, egressCapacity: Math.max(load('before'), load('after')) + HEADROOM };
  });
  return buildModel({ ...payload, routers });
}

export function planOf(model: NetworkModel, end: 'before' | 'after'): Plan {
  const assignments = pairs.map((pair) => ({ neighbor: pair.neighbor, prefix: pair.prefix, ...pair[end] }));
  return { modelHash: model.hash, variant: 'mes', assignments } as unknown as Plan;
}

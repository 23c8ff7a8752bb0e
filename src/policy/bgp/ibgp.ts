/** Who speaks iBGP with whom, and as what (RFC 4456 §6). */
import type { NetworkModel } from '../../model/network-model.ts';
import type { BgpOptions } from './options.ts';

/** What the other end of an iBGP session is to a router. */
export type PeerRole = 'peer' | 'client' | 'reflector';

export interface IbgpPeer {
  /** Index into `model.routers`. */
  readonly router: number;
  readonly role: PeerRole;
}

export interface IbgpTopology {
  readonly isFullMesh: boolean;
  /** Sessions of each router, by router. */
  readonly peers: readonly (readonly IbgpPeer[])[];
  /** Int32 [routers]: cluster that a router reflects for, or -1. */
  readonly cluster: Int32Array;
}

export function ibgpTopology({ routers }: NetworkModel, { clusters }: BgpOptions): IbgpTopology {
  const index = new Map(routers.map(({ id }, router) => [id, router]));
  const cluster = new Int32Array(routers.length).fill(-1);
  const reflectorsOf = new Map<number, number[]>();
  clusters.forEach(({ reflectors, clients }, c) => {
    const above = reflectors.map((id) => index.get(id) ?? -1);
    for (const router of above) cluster[router] = c;
    for (const id of clients) reflectorsOf.set(index.get(id) ?? -1, above);
  });
  const peers = routers.map((_, router) => {
    const above = reflectorsOf.get(router);
    if (above !== undefined) return above.map((other): IbgpPeer => ({ router: other, role: 'reflector' }));
    return routers.flatMap((_, other): IbgpPeer[] => {
      if (other === router) return [];
      const isClient = reflectorsOf.get(other)?.includes(router) === true;
      if (isClient) return [{ router: other, role: 'client' }];
      return reflectorsOf.has(other) ? [] : [{ router: other, role: 'peer' }];
    });
  });
  return { isFullMesh: clusters.length === 0, peers, cluster };
}

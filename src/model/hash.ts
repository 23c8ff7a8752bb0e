import { createHash } from 'node:crypto';
import type { NetworkModel } from './network-model.ts';

/**
 * SHA-256 (hex) over the canonical content that decides a plan or its policy. Left out are labels (`name`, `metadata`,
 * `unit`, `format`) and what follows from the rest (`eligible`).
 */
export function hashOf(model: Omit<NetworkModel, 'hash'>): string {
  const { asn, routers, points, neighbors, routerDistance, prefixes, traffic, advertisements, sessions } = model;
  const hash = createHash('sha256');
  const parts: readonly unknown[] = [
    'egresso model 1',
    asn,
    routers.map(({ id, address, routerId }) => [id, address, routerId]),
    points.map(({ id, router }) => [id, router]),
    Float64Array.from(
      points.flatMap(({ ingressCapacity, egressCapacity, price }) => [ingressCapacity, egressCapacity, price]),
    ),
    neighbors.map(({ id, asn, relation, ingress }) => [id, asn, relation, Array.from(ingress)]),
    routerDistance,
    ...Object.values(prefixes),
    traffic.start,
    traffic.neighbor,
    traffic.volume,
    traffic.currentIngress,
    traffic.currentEgress,
    ...Object.values(advertisements),
    sessions.map(({ at, peerAsn, peerAddress, neighbor, relation }) => [at, peerAsn, peerAddress, neighbor, relation]),
  ];
  for (const part of parts) {
    const bytes = ArrayBuffer.isView(part)
      ? new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
      : Buffer.from(JSON.stringify(part));
    // With its length ahead no part can run into the next.
    hash.update(`${bytes.byteLength}:`).update(bytes);
  }
  return hash.digest('hex');
}

/** What a node's kernel does with a prefix: the node at the other end of the interface that it leaves by. */
import type { Namespace } from '../network/namespace.ts';
import type { WiredNode } from '../network/wiring.ts';

interface KernelRoute {
  readonly dst: string;
  readonly dev?: string;
  readonly protocol?: string;
  readonly nexthops?: readonly { readonly dev?: string }[];
}

/** Node id of the next hop by prefix; several, sorted and joined by `+`, where the kernel splits. */
export type Fib = ReadonlyMap<string, string>;

export async function readFib(node: WiredNode, namespace: Namespace): Promise<Fib> {
  const routes = JSON.parse((await namespace.run('ip', ['-j', 'route', 'show'])) || '[]') as KernelRoute[];
  const peers = peerByInterface(node);
  return new Map(
    routes.flatMap(({ dst, dev, nexthops = [] }): [string, string][] => {
      const devices = dev === undefined ? nexthops.map((hop) => hop.dev ?? '') : [dev];
      const next = devices.map((device) => peers.get(device) ?? '').filter(Boolean);
      return next.length === 0 ? [] : [[dst.includes('/') ? dst : `${dst}/32`, next.sort().join('+')]];
    }),
  );
}

export function peerByInterface(node: WiredNode): ReadonlyMap<string, string> {
  return new Map(node.interfaces.map(({ name, peer }) => [name, peer]));
}

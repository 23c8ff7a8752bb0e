/** The model of a lab's network, as the modeler would be given it: what was announced where, over which sessions. */
import type { Lab } from './lab.ts';
import type { LabTopology } from './network/topology.ts';

export interface LabModelOptions {
  /** Neighbors whose traffic is planned; they send to every prefix of the others, one unit each. */
  readonly senders: readonly string[];
  /** Parts of the payload that stand in for those made here. */
  readonly given?: object;
}

/** Ids of prefixes are their texts. */
export function labPayload(lab: Lab, topology: LabTopology, { senders, given = {} }: LabModelOptions): object {
  const upstreams = topology.neighbors.filter(({ id }) => !senders.includes(id));
  const prefixes = [...new Set(upstreams.flatMap(({ announces }) => announces.map(({ prefix }) => prefix)))];
  const external = lab.wiring.nodes
    .filter(({ role }) => role === 'border')
    .flatMap(({ id: at, sessions }) => sessions.filter(({ type }) => type === 'ebgp').map((one) => ({ at, ...one })));
  return {
    version: 1,
    asn: topology.asn,
    routers: topology.routers.map(({ id, kind }) => ({ id, address: lab.node(id).routerId, format: kind })),
    links: topology.links.flatMap(({ from, to, cost, reverseCost }) => [
      { from, to, distance: cost, directed: true },
      { from: to, to: from, distance: reverseCost, directed: true },
    ]),
    neighbors: senders.map((id) => {
      const { asn, at } = topology.neighbors.find((one) => one.id === id)!;
      return { id, asn, ingress: [...at] };
    }),
    sessions: external.map(({ at, peer, peerAsn, peerAddress }) => ({
      at,
      peerAsn,
      peerAddress,
      ...(senders.includes(peer) && { neighbor: peer }),
    })),
    prefixes: prefixes.map((prefix) => ({ id: prefix, prefix })),
    advertisements: upstreams.flatMap(({ id, asn, announces }) =>
      external
        .filter(({ peer }) => peer === id)
        .flatMap(({ at, peerAddress }) =>
          announces.map(({ prefix, asPath = [], med }) => ({
            prefix,
            at,
            peerAsn: asn,
            peerAddress,
            peerRouterId: lab.node(id).routerId,
            asPath: [asn, ...asPath],
            ...(med !== undefined && { med }),
          })),
        ),
    ),
    traffic: senders.flatMap((neighbor) => prefixes.map((prefix) => ({ neighbor, prefix, volume: 1 }))),
    ...given,
  };
}

/** The lab's configuration names sessions after the node at the other end. */
export function labSessionNames(lab: Lab): Record<string, string> {
  const border = lab.wiring.nodes.filter(({ role }) => role === 'border');
  return Object.fromEntries(
    border.flatMap(({ sessions }) =>
      sessions.filter(({ type }) => type === 'ebgp').map(({ peer, peerAddress }) => [peerAddress, peer]),
    ),
  );
}

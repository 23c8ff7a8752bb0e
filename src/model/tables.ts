import type { TableKinds } from './column.ts';

/** The lists of a payload and what the keys of each hold; `schema.ts` describes the same for readers. */

export const ROUTER_KINDS = {
  id: 'text',
  ingressCapacity: 'measure',
  egressCapacity: 'measure',
  price: 'measure',
  address: 'text',
  routerId: 'text',
  format: 'text',
} as const satisfies TableKinds;

export const INTERFACE_KINDS = {
  id: 'text',
  router: 'reference',
  ingressCapacity: 'measure',
  egressCapacity: 'measure',
  price: 'measure',
} as const satisfies TableKinds;

export const DISTANCE_KINDS = {
  from: 'reference',
  to: 'reference',
  distance: 'measure',
  directed: 'flag',
} as const satisfies TableKinds;

export const NEIGHBOR_KINDS = {
  id: 'text',
  asn: 'integer',
  relation: 'text',
  ingress: { items: 'reference' },
} as const satisfies TableKinds;

export const PREFIX_KINDS = {
  id: 'text',
  prefix: 'text',
  egress: { items: 'reference', weight: { itemKey: 'at', name: 'penalty' } },
} as const satisfies TableKinds;

export const ADVERTISEMENT_KINDS = {
  prefix: 'reference',
  at: 'reference',
  peerAsn: 'integer',
  peerAddress: 'text',
  peerRouterId: 'text',
  nextHop: 'text',
  asPath: { items: 'integer' },
  origin: 'text',
  med: 'integer',
  localPref: 'integer',
  communities: { items: 'text' },
} as const satisfies TableKinds;

export const TRAFFIC_KINDS = {
  neighbor: 'reference',
  prefix: 'reference',
  volume: 'measure',
} as const satisfies TableKinds;

export const SESSION_KINDS = {
  at: 'reference',
  peerAsn: 'integer',
  peerAddress: 'text',
  neighbor: 'reference',
  relation: 'text',
} as const satisfies TableKinds;

export const CURRENT_KINDS = {
  neighbor: 'reference',
  prefix: 'reference',
  ingress: 'reference',
  egress: 'reference',
} as const satisfies TableKinds;

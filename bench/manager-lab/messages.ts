/** What the bench asks of the network around the manager, which is a process of its own; each order is answered when it is done. */

export type Order =
  /** Establish a session from each border router to gobgpd at this port. */
  | { readonly kind: 'connect'; readonly port: number; readonly snmpPort: number }
  /** Tell the table over each of them. */
  | { readonly kind: 'tell'; readonly prefixCount: number }
  /** Wait until each border router has so many overrides. */
  | { readonly kind: 'hold'; readonly overrideCount: number }
  /** Send from now on, and print flow records of it. */
  | ({ readonly kind: 'send' } & TrafficOptions);

export interface TrafficOptions {
  /** File of flow records, which grows. */
  readonly file: string;
  /** Prefixes with traffic. */
  readonly measuredCount: number;
  readonly recordsPerSecond: number;
  /** Of all together. */
  readonly bitsPerSecond: number;
}

export type Answer = { readonly done: Order['kind'] };

export const ROUTER_COUNT = 3;
/** Of a border router: of its session, its SNMP agent and its exporter. */
export const addressOf = (router: number): string => `127.0.0.${11 + router}`;
export const INTERFACE = 'up';

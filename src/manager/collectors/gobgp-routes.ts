/**
 * Routes from border routers over BGP: gobgpd hears every path of every router (add-path), and tells them over gRPC.
 *
 * The watch is opened before the table is read, so that nothing between the two is lost; a session that goes down sends no
 * withdrawals in the watch, so that its routes are dropped here.
 */
import { GobgpClient, type GobgpPeer } from '../gobgp/client.ts';
import type { ReceivedRoute } from '../gobgp/path.ts';
import { RouteTable } from '../telemetry/route-table.ts';
import type { RouteCollector } from './collector.ts';

export interface GobgpRoutesOptions {
  readonly address: string;
  /** Point by next hop. */
  readonly points: ReadonlyMap<string, string>;
  /** Marks what is ours. */
  readonly community: string;
}

export class GobgpRoutes implements RouteCollector {
  readonly table = new RouteTable();
  /** Routes with a next hop of no point. */
  foreignCount = 0;
  readonly #options: GobgpRoutesOptions;
  readonly #client: GobgpClient;
  #watch: Disposable | null = null;
  /** Updates that come while the table is read: they are newer than what it says. */
  #early: ReceivedRoute[] | null = null;
  #newestAtMs: number | null = null;
  #installed = new Map<string, string>();
  #tellLoss: () => void = () => {};

  constructor(options: GobgpRoutesOptions) {
    this.#options = options;
    this.#client = new GobgpClient(options.address);
  }

  installed(prefix: string): string | null {
    return this.#installed.get(prefix) ?? null;
  }

  onLoss(listener: () => void): void {
    this.#tellLoss = listener;
  }

  /** A daemon that does not answer leaves the table as it is, and the time of the last news. */
  async refresh(atMs: number, overridden: readonly string[]): Promise<number | null> {
    try {
      if (this.#watch === null) await this.#connect();
      const peers = await this.#client.peers();
      this.#installed = peers.some(({ isEstablished }) => isEstablished) ? await this.#readBack(overridden) : new Map();
      // A session that is down has no routes; with none up nothing is known.
      this.#newestAtMs = peers.some(({ isEstablished }) => isEstablished) ? atMs : null;
    } catch {
      this.#disconnect();
    }
    return this.#newestAtMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disconnect();
    this.#client[Symbol.dispose]();
  }

  async #connect(): Promise<void> {
    this.table.withdrawSources('');
    this.#early = [];
    this.#watch = this.#client.watch({
      onRoute: (route) => (this.#early === null ? this.#learn(route) : this.#early.push(route)),
      onPeer: (peer) => this.#peerChanged(peer),
      onEnd: () => {
        this.#watch = null;
      },
    });
    for await (const route of this.#client.routes()) this.#learn(route);
    const early = this.#early;
    this.#early = null;
    for (const route of early) this.#learn(route);
  }

  #disconnect(): void {
    this.#watch?.[Symbol.dispose]();
    this.#watch = null;
    this.#early = null;
    this.#installed = new Map();
  }

  #learn(route: ReceivedRoute): void {
    const { prefix, neighbor, source, isWithdraw, nextHop, asPath, origin, med, communities } = route;
    if (neighbor === '' || communities.includes(this.#options.community)) return;
    if (isWithdraw) {
      this.table.withdraw(source, prefix);
      this.#tellLoss();
      return;
    }
    const point = this.#options.points.get(nextHop);
    if (point === undefined) {
      this.foreignCount++;
      // It may have had a next hop of a point before.
      this.table.withdraw(source, prefix);
      return;
    }
    this.table.set(source, prefix, { point, nextHop, asPath, origin, med, communities });
  }

  #peerChanged({ address, isEstablished }: GobgpPeer): void {
    if (isEstablished || address === '') return;
    this.table.withdrawSources(`${address}|`);
    this.#tellLoss();
  }

  /** Our own paths that the daemon holds as best: those that it tells the routers. */
  async #readBack(prefixes: readonly string[]): Promise<Map<string, string>> {
    const installed = new Map<string, string>();
    if (prefixes.length === 0) return installed;
    for await (const { prefix, neighbor, isBest, nextHop, communities } of this.#client.routes(prefixes)) {
      const point = this.#options.points.get(nextHop);
      const isOwn = neighbor === '' && isBest && communities.includes(this.#options.community);
      if (isOwn && point !== undefined) installed.set(prefix, point);
    }
    return installed;
  }
}

/**
 * Routes from border routers over BGP: gobgpd hears every path of every router (add-path), and tells them over gRPC.
 *
 * The watch is opened before the table is read, so that nothing between the two is lost, and it is heard while that is read; a
 * session that goes down sends no withdrawals in the watch, so that its routes are dropped here. A watch that is lost is taken up
 * again: the table is read anew, and what is not in it any more is dropped at the end of that, so that it is never empty on the way.
 */
import type { RivalPath } from '../decision/observation.ts';
import type { GobgpClient, GobgpPeer } from '../gobgp/client.ts';
import { isOwn, type ReceivedRoute } from '../gobgp/path.ts';
import { RouteTable } from '../telemetry/route-table.ts';
import { within } from '../within.ts';
import type { RouteCollector, RoutesStatus } from './collector.ts';
import { followedOverrides, type ReadBackOptions } from './read-back.ts';
import { RivalPaths } from './rival-paths.ts';
import { TableReading } from './table-reading.ts';
import { WatchLiveness } from './watch-liveness.ts';

/** Of a tick, for a table that is being read. */
const READING_WAIT_MS = 2000;

export class GobgpRoutes implements RouteCollector {
  readonly table = new RouteTable();
  /** Routes with a next hop of no point, or that are no way out. */
  foreignCount = 0;
  lostCount = 0;
  readonly #options: ReadBackOptions;
  readonly #client: GobgpClient;
  readonly #liveness = new WatchLiveness();
  readonly #rivals: RivalPaths;
  #watch: Disposable | null = null;
  #reading: Promise<void> | null = null;
  /** Of the table that is being read now. */
  #listing: TableReading | null = null;
  #state: RoutesStatus['state'] = 'connecting';
  #error: string | null = null;
  #newestAtMs: number | null = null;
  #installed: ReadonlyMap<string, string> = new Map();
  #tellLoss: () => void = () => {};
  #tellOwn: (prefixes: readonly string[]) => void = () => {};

  /** `client` is closed by whoever opened it. */
  constructor(client: GobgpClient, options: ReadBackOptions) {
    this.#client = client;
    this.#options = options;
    this.#rivals = new RivalPaths(options);
  }

  installed(prefix: string): string | null {
    return this.#installed.get(prefix) ?? null;
  }

  get status(): RoutesStatus {
    return { state: this.#state, error: this.#error };
  }

  get rivals(): readonly RivalPath[] {
    return this.#rivals.found;
  }

  onLoss(listener: () => void): void {
    this.#tellLoss = listener;
  }

  onOwn(listener: (prefixes: readonly string[]) => void): void {
    this.#tellOwn = listener;
  }

  /** A daemon that does not answer leaves everything as it is, and the time of the last news. */
  async refresh(atMs: number, overridden: readonly string[]): Promise<number | null> {
    try {
      if (this.#watch === null) this.#startReading(() => this.#connect());
      if (!(await this.#isRead())) return this.#newestAtMs;
      const sessions = await this.#client.sessions();
      if (!this.#liveness.isAlive(sessions)) {
        this.#startReading(() => this.#reconnect());
        if (!(await this.#isRead())) return this.#newestAtMs;
      }
      const isHeard = sessions.some(({ isEstablished }) => isEstablished);
      this.#installed = isHeard ? await this.#readBack(overridden) : new Map();
      // A session that is down has no routes; with none up nothing is known.
      this.#newestAtMs = isHeard ? atMs : null;
      this.#error = null;
    } catch (error) {
      this.#failed(error);
      // The watch may be as it was: whether it tells is found out when the daemon answers again.
    }
    return this.#newestAtMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disconnect();
  }

  /** Beside the ticks, which keep their pace: a full table takes minutes. */
  #startReading(read: () => Promise<void>): void {
    this.#reading ??= read().finally(() => {
      this.#reading = null;
    });
    this.#reading.catch((error: unknown) => this.#failed(error));
  }

  /** Whether the table is whole; a small one is so at once. */
  #isRead(): Promise<boolean> {
    return within(this.#reading ?? Promise.resolve(), READING_WAIT_MS);
  }

  #failed(error: unknown): void {
    this.#error = error instanceof Error ? error.message : String(error);
  }

  async #connect(): Promise<void> {
    try {
      await this.#readAndWatch();
    } catch (error) {
      if (this.#state === 'reading') this.#state = 'connecting';
      this.#disconnect();
      throw error;
    }
  }

  async #readAndWatch(): Promise<void> {
    const listing = new TableReading();
    // One that was closed may have been about to say something.
    const heard = (hear: () => void): void => {
      if (this.#watch === watch) hear();
    };
    // One without the other is as good as none.
    const onEnd = (): void => heard(() => this.#disconnect());
    const onPeer = (peer: GobgpPeer): void => heard(() => this.#peerChanged(peer));
    const watch = new DisposableStack();
    watch.use(this.#client.watch({ onRoute: (route) => heard(() => this.#hear(route)), onPeer, onEnd }));
    if (this.#options.instance !== null) {
      watch.use(this.#client.watchGiven({ onRoute: (route) => this.#rivals.hear(route), onEnd }));
    }
    this.#watch = watch;
    this.#listing = listing;
    this.#liveness.open();
    this.table.beginReading();
    const own: string[] = [];
    this.#liveness.begin(await this.#client.sessions());
    this.#error = null;
    if (this.#state === 'connecting') this.#state = 'reading';
    for await (const route of this.#client.routes()) {
      if (isOwn(route, this.#options)) own.push(route.prefix);
      else if (listing.isCurrent(route)) this.#telling(() => this.#learn(route));
    }
    this.#telling(() => this.table.endReading());
    this.#listing = null;
    this.#state = 'whole';
    this.#tellOwn(own);
  }

  async #reconnect(): Promise<void> {
    this.#disconnect();
    const { changeCount } = this.table;
    await this.#connect();
    const wasLost = this.table.changeCount !== changeCount;
    if (wasLost) this.lostCount++;
    this.#liveness.judge(wasLost);
  }

  #disconnect(): void {
    this.#watch?.[Symbol.dispose]();
    this.#watch = null;
    this.#listing = null;
  }

  #hear(route: ReceivedRoute): void {
    this.#listing?.heardRoute(route);
    this.#liveness.heardRoute(route.neighbor);
    this.#telling(() => this.#learn(route));
  }

  #learn(route: ReceivedRoute): void {
    const { prefix, neighbor, pathId, isWithdraw, isWayOut, nextHop, localPref, communities } = route;
    if (neighbor === '') this.#rivals.hear(route);
    if (neighbor === '' || communities.includes(this.#options.community)) return;
    const point = isWithdraw || !isWayOut ? undefined : this.#options.points.get(nextHop);
    if (point !== undefined) {
      const { asPath, origin, med, others } = route;
      const preference = localPref === null ? {} : { localPref };
      const learned = { point, nextHop, asPath, origin, med, ...preference, communities, others };
      this.table.set(neighbor, pathId, prefix, learned);
      return;
    }
    if (!isWithdraw) this.foreignCount++;
    // It may have had a next hop of a point before.
    this.table.withdraw(neighbor, pathId, prefix);
  }

  #peerChanged(peer: GobgpPeer): void {
    const { address, isEstablished } = peer;
    if (address === '') return;
    this.#listing?.heardPeer(peer);
    this.#liveness.heardPeer(peer);
    if (!isEstablished) this.#telling(() => this.table.withdrawSession(address));
  }

  /** Between two ticks, and while a table is read too: nothing may rest on a route that is gone, or leaves elsewhere now. */
  #telling(change: () => void): void {
    const { lossCount } = this.table;
    change();
    if (this.table.lossCount !== lossCount) this.#tellLoss();
  }

  async #readBack(overridden: readonly string[]): Promise<Map<string, string>> {
    const prefixes = [...new Set([...overridden, ...this.#rivals.suspects])];
    const routes: ReceivedRoute[] = [];
    if (prefixes.length > 0) for await (const route of this.#client.routes(prefixes)) routes.push(route);
    this.#rivals.settle(prefixes, routes);
    return followedOverrides(routes, this.#options);
  }
}

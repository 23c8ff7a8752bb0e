/**
 * A network of real routers: namespaces, links, daemons. Everything belongs to one `Lab`, which takes it all down again;
 * `await using` or `stop()` does so after a failure as well.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { firstHost } from './network/address.ts';
import { type Igp, shortestPaths } from './network/igp.ts';
import { Namespace } from './network/namespace.ts';
import { runFolder, runName } from './network/run.ts';
import type { LabTopology } from './network/topology.ts';
import { waitFor } from './network/wait.ts';
import { type WiredNode, type Wiring, wire } from './network/wiring.ts';
import { type Fib, readFib } from './observe/fib.ts';
import { type PacketPath, packetPath } from './observe/packet-path.ts';
import { BirdRouter } from './router/bird-router.ts';
import { FrrRouter } from './router/frr-router.ts';
import { GobgpRouter } from './router/gobgp-router.ts';
import type { LabRouterProcess } from './router/router.ts';

const STILL_MS = 2_000;

export class Lab implements AsyncDisposable {
  readonly wiring: Wiring;
  /** Distances and first hops that the OSPF costs of the topology give. */
  readonly igp: Igp;
  /** Folder of this run: configurations and logs. */
  readonly folder: string;
  readonly #nodes: ReadonlyMap<string, WiredNode>;
  readonly #namespaces: ReadonlyMap<string, Namespace>;
  readonly #routers = new Map<string, LabRouterProcess>();

  /** Builds and starts a network; what was begun is taken down if that fails. */
  static async start(topology: LabTopology): Promise<Lab> {
    const lab = new Lab(topology);
    try {
      await lab.#build();
      await Promise.all([...lab.#routers.values()].map((router) => router.start()));
      return lab;
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  private constructor(topology: LabTopology) {
    this.wiring = wire(topology);
    this.igp = shortestPaths(this.wiring);
    const name = runName();
    this.folder = runFolder(name);
    mkdirSync(this.folder, { mode: 0o755 }); // the user `frr` has to reach its sockets
    this.#nodes = new Map(this.wiring.nodes.map((node) => [node.id, node]));
    this.#namespaces = new Map(this.wiring.nodes.map(({ id }) => [id, new Namespace(`${name}-${id}`)]));
  }

  get borderRouters(): readonly LabRouterProcess[] {
    return this.wiring.nodes.filter(({ role }) => role === 'border').map(({ id }) => this.router(id));
  }

  router(id: string): LabRouterProcess {
    return found(this.#routers.get(id), id);
  }

  get controller(): GobgpRouter {
    const controller = [...this.#routers.values()].find((router) => router instanceof GobgpRouter);
    return found(controller, 'controller');
  }

  namespace(id: string): Namespace {
    return found(this.#namespaces.get(id), id);
  }

  node(id: string): WiredNode {
    return found(this.#nodes.get(id), id);
  }

  /** Prefixes that any neighbor announces, sorted. */
  get prefixes(): readonly string[] {
    return [...new Set(this.wiring.nodes.flatMap(({ announces }) => announces.map(({ prefix }) => prefix)))].sort();
  }

  /**
   * Waits until OSPF has arrived at the shortest paths, every session is established, every border router forwards
   * every announced prefix, and all BGP tables have stood still for two seconds. Milliseconds taken.
   */
  async converged(timeoutMs = 60_000): Promise<number> {
    const start = performance.now();
    await waitFor('shortest paths', () => this.#igpSettled(), timeoutMs);
    await waitFor('sessions', () => this.#sessionsUp(), timeoutMs);
    await waitFor('routes to every prefix', () => this.#allForwarded(), timeoutMs);
    await this.still(timeoutMs);
    return performance.now() - start;
  }

  /** Waits until no border router's BGP or forwarding table has changed for two seconds. */
  async still(timeoutMs = 60_000): Promise<void> {
    let last = '';
    let since = performance.now();
    await waitFor(
      'tables to stand still',
      async () => {
        const tables = this.borderRouters.map(async (router) => [await router.rib(), [...(await this.fib(router.id))]]);
        const seen = JSON.stringify(await Promise.all(tables));
        if (seen !== last) since = performance.now();
        last = seen;
        return performance.now() - since > STILL_MS ? true : undefined;
      },
      timeoutMs,
    );
  }

  /** Gives routers the changes that were emitted for them, one after another; an empty text changes nothing. */
  async apply(changes: readonly { readonly router: string; readonly change: string }[]): Promise<void> {
    for (const { router, change } of changes) if (change !== '') await this.router(router).applyChange(change);
  }

  fib(id: string): Promise<Fib> {
    return readFib(this.node(id), this.namespace(id));
  }

  /** The way of real packets from a neighbor's first announced prefix to the first host of `prefix`. */
  path(neighbor: string, prefix: string): Promise<PacketPath> {
    const source = firstHost(found(this.node(neighbor).announces[0], `${neighbor}.announces`).prefix);
    return packetPath(this.namespace(neighbor), this.wiring, source, firstHost(prefix));
  }

  /** Stops every daemon, then removes namespaces and the run folder. */
  async stop(): Promise<void> {
    await Promise.allSettled([...this.#routers.values()].map((router) => router.stop()));
    await Promise.allSettled([...this.#namespaces.values()].map((namespace) => namespace.remove()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #build(): Promise<void> {
    for (const namespace of this.#namespaces.values()) await namespace.create();
    for (const { ends } of this.wiring.links) {
      const [a, b] = ends;
      const peer = ['peer', 'name', b.interface.name, 'netns', this.namespace(b.node).name];
      await this.namespace(a.node).batch([['link add', a.interface.name, 'type veth', ...peer].join(' ')]);
    }
    for (const node of this.wiring.nodes) {
      await this.namespace(node.id).batch(addressing(node));
      this.#routers.set(node.id, this.#process(node));
    }
  }

  #process(node: WiredNode): LabRouterProcess {
    const namespace = this.namespace(node.id);
    const folder = join(this.folder, node.id);
    if (node.kind === 'frr') return new FrrRouter(node, namespace, folder);
    if (node.kind === 'bird') return new BirdRouter(node, namespace, folder);
    return new GobgpRouter(node, namespace, folder);
  }

  async #igpSettled(): Promise<true | undefined> {
    const border = this.wiring.nodes.filter(({ role }) => role === 'border');
    for (const { id } of border) {
      const table = await this.fib(id);
      for (const { id: to, loopback } of border) {
        if (to === id) continue;
        const next = table.get(`${loopback}/32`);
        if (next === undefined || next !== this.igp.nextHops(id, to)) return undefined;
      }
    }
    return true;
  }

  async #sessionsUp(): Promise<true | undefined> {
    for (const { id, sessions } of this.wiring.nodes) {
      const up = await this.router(id).establishedPeers();
      if (sessions.some(({ peer }) => !up.includes(peer))) return undefined;
    }
    return true;
  }

  async #allForwarded(): Promise<true | undefined> {
    for (const { id } of this.borderRouters) {
      const table = await this.fib(id);
      if (!this.prefixes.every((prefix) => table.has(prefix))) return undefined;
    }
    return true;
  }
}

/** A neighbor answers on all of each prefix that it announces; a controller leaves by its access link. */
function addressing(node: WiredNode): string[] {
  const gateway = node.role === 'controller' ? node.interfaces[0]!.peerAddress : null;
  return [
    ...node.interfaces.flatMap(({ name, address }) => [`addr add ${address}/30 dev ${name}`, `link set ${name} up`]),
    ...(node.loopback === null ? [] : [`addr add ${node.loopback}/32 dev lo`]),
    ...node.announces.map(({ prefix }) => `route add local ${prefix} dev lo`),
    ...(gateway === null ? [] : [`route add default via ${gateway}`]),
  ];
}

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`lab: no ${what}`);
  return value;
}

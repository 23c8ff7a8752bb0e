/** GoBGP 3 as a controller: hears every path, injects paths over its gRPC interface (by its own client, `gobgp`). */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandResult } from '../network/command.ts';
import { Daemon } from '../network/daemon.ts';
import type { Namespace } from '../network/namespace.ts';
import type { WiredNode } from '../network/wiring.ts';
import type { RibRoute } from '../observe/rib.ts';
import { gobgpConfig } from './gobgp-config.ts';
import { gobgpRib } from './gobgp-rib.ts';
import type { LabRouterProcess } from './router.ts';

/** A path of our own making; the next hop is the address beside the chosen egress. */
export interface InjectedPath {
  readonly prefix: string;
  readonly nextHop: string;
  readonly localPref: number;
  readonly asPath: readonly number[];
  readonly community: string;
}

export class GobgpRouter implements LabRouterProcess {
  readonly id: string;
  readonly #node: WiredNode;
  readonly #namespace: Namespace;
  readonly #folder: string;
  readonly #peers: ReadonlyMap<string, string>;
  #daemon: Daemon | null = null;

  constructor(node: WiredNode, namespace: Namespace, folder: string) {
    this.id = node.id;
    this.#node = node;
    this.#namespace = namespace;
    this.#folder = folder;
    this.#peers = new Map(node.sessions.map(({ peerAddress, peer }) => [peerAddress, peer]));
  }

  get pids(): readonly number[] {
    return this.#daemon?.running ? [this.#daemon.pid] : [];
  }

  /** Port of the gRPC interface, on the loopback of the controller's namespace. */
  static readonly apiPort = 50051;

  async start(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true });
    const config = this.#writeConfig('gobgpd.toml', '');
    const args = ['-f', config, `--api-hosts=127.0.0.1:${GobgpRouter.apiPort}`, '--pprof-disable', '-p'];
    const daemon = new Daemon(
      this.#namespace.name,
      `${this.id}: gobgpd`,
      join(this.#folder, 'gobgpd.log'),
      'gobgpd',
      args,
    );
    this.#daemon = daemon;
    await daemon.ready(async () => (await this.#namespace.attempt('gobgp', ['global'])).status === 0);
  }

  async stop(): Promise<void> {
    await this.#daemon?.stop();
    this.#daemon = null;
  }

  async establishedPeers(): Promise<readonly string[]> {
    const neighbors = JSON.parse(await this.#namespace.run('gobgp', ['neighbor', '-j'])) as {
      state?: { neighbor_address?: string; session_state?: number | string };
    }[];
    return neighbors
      .filter(({ state }) => state?.session_state === 6 || state?.session_state === 'ESTABLISHED')
      .map(({ state }) => this.#peers.get(state?.neighbor_address ?? '') ?? '');
  }

  async rib(): Promise<RibRoute[]> {
    return gobgpRib(await this.#namespace.run('gobgp', ['global', 'rib', '-j']), this.#peers);
  }

  async inject(path: InjectedPath): Promise<void> {
    const asPath = path.asPath.length === 0 ? [] : ['aspath', path.asPath.join(' ')];
    const attributes = [
      'origin',
      'igp',
      'nexthop',
      path.nextHop,
      'local-pref',
      String(path.localPref),
      'community',
      path.community,
    ];
    await this.#namespace.run('gobgp', ['global', 'rib', 'add', path.prefix, ...attributes, ...asPath]);
  }

  async withdraw(prefix: string): Promise<void> {
    await this.#namespace.run('gobgp', ['global', 'rib', 'del', prefix]);
  }

  /** `gobgpd -d`: reads the configuration with `policy` (TOML) behind it, and ends. */
  check(policy: string): Promise<CommandResult> {
    return this.#namespace.attempt('gobgpd', ['-d', '-f', this.#writeConfig('candidate.toml', policy)]);
  }

  /** Rewrites the file and has the daemon read it again (SIGHUP). */
  async applyPolicy(policy: string): Promise<void> {
    const { status, stdout, stderr } = await this.check(policy);
    if (status !== 0) throw new Error(`${this.id}: gobgpd: ${stdout}${stderr}`);
    this.#writeConfig('gobgpd.toml', policy);
    this.#daemon?.kill('SIGHUP');
  }

  applyChange(change: string): Promise<void> {
    return this.applyPolicy(change);
  }

  async runningConfig(): Promise<string> {
    const parts = await Promise.all(
      [['global'], ['neighbor', '-j'], ['policy', '-j']].map((args) => this.#namespace.run('gobgp', args)),
    );
    return parts.join('\n');
  }

  #writeConfig(name: string, policy: string): string {
    const file = join(this.#folder, name);
    writeFileSync(file, `${gobgpConfig(this.#node)}${policy}`);
    return file;
  }
}

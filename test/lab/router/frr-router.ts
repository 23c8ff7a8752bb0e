/** zebra, ospfd and bgpd of FRR 8, run in the foreground with every socket in the router's own folder. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandResult, run } from '../network/command.ts';
import { Daemon } from '../network/daemon.ts';
import type { Namespace } from '../network/namespace.ts';
import type { WiredNode } from '../network/wiring.ts';
import type { RibRoute } from '../observe/rib.ts';
import { frrConfig } from './frr-config.ts';
import { frrRib } from './frr-rib.ts';
import type { LabRouterProcess } from './router.ts';

const DAEMONS = ['zebra', 'ospfd', 'bgpd'] as const;
const DAEMON_FOLDER = '/usr/lib/frr';

export class FrrRouter implements LabRouterProcess {
  readonly id: string;
  readonly #node: WiredNode;
  readonly #namespace: Namespace;
  readonly #folder: string;
  readonly #peers: ReadonlyMap<string, string>;
  #daemons: Daemon[] = [];
  #policy = '';

  constructor(node: WiredNode, namespace: Namespace, folder: string) {
    this.id = node.id;
    this.#node = node;
    this.#namespace = namespace;
    this.#folder = folder;
    this.#peers = new Map(node.sessions.map(({ peerAddress, peer }) => [peerAddress, peer]));
  }

  get pids(): readonly number[] {
    return this.#daemons.filter(({ running }) => running).map(({ pid }) => pid);
  }

  /** The daemons give up root for the user `frr`, who has to own the folder of their sockets. */
  async start(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(this.#file('frr.conf'), frrConfig(this.#node));
    writeFileSync(this.#file('vtysh.conf'), '');
    await run('chown', ['-R', 'frr:frr', this.#folder]);
    for (const daemon of DAEMONS) await this.#startDaemon(daemon);
    await this.#namespace.run('vtysh', this.#vtysh('-b'));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#daemons].reverse().map((daemon) => daemon.stop()));
    this.#daemons = [];
  }

  async establishedPeers(): Promise<readonly string[]> {
    const summary = JSON.parse(await this.#show('show bgp ipv4 unicast summary json')) as {
      peers?: Record<string, { state?: string }>;
    };
    return Object.entries(summary.peers ?? {})
      .filter(([, { state }]) => state === 'Established')
      .map(([address]) => this.#peers.get(address) ?? address);
  }

  async rib(): Promise<RibRoute[]> {
    return frrRib(await this.#show('show bgp ipv4 unicast json detail'), this.#peers);
  }

  /** `vtysh -C` for the syntax, then `frr-reload.py --test` for the difference that would be applied. */
  async check(policy: string): Promise<CommandResult> {
    const file = this.#writeWhole(policy);
    const syntax = await this.#namespace.attempt('vtysh', [...this.#vtysh('-C'), '-f', file]);
    if (syntax.status !== 0) return syntax;
    return this.#reload('--test', file);
  }

  /**
   * A session that names a route-map not yet whole denies what it lacks, and `frr-reload.py` writes line by line: so
   * lists and route-maps are there before a session uses them, and stay until none does.
   */
  async applyPolicy(policy: string): Promise<void> {
    const detached = policy === '' ? this.#policy : this.#policy === '' ? policy : null;
    const stages = detached === null ? [policy] : [withoutBgp(detached), policy];
    for (const stage of stages) {
      const { status, stdout, stderr } = await this.#reload('--reload', this.#writeWhole(stage));
      if (status !== 0) throw new Error(`${this.id}: frr-reload.py: ${stdout}${stderr}`);
    }
    this.#policy = policy;
  }

  /** Commands in their order, as an operator would give them. @throws Error where one is refused. */
  async applyChange(change: string): Promise<void> {
    const file = this.#file('change.conf');
    writeFileSync(file, change);
    const { status, stdout, stderr } = await this.#namespace.attempt('vtysh', this.#vtysh('-f', file));
    if (status !== 0 || /^% /m.test(stdout)) throw new Error(`${this.id}: vtysh: ${stdout}${stderr}`);
  }

  runningConfig(): Promise<string> {
    return this.#show('show running-config');
  }

  #show(command: string): Promise<string> {
    return this.#namespace.run('vtysh', this.#vtysh('-c', command));
  }

  #reload(mode: '--test' | '--reload', file: string): Promise<CommandResult> {
    const folders = ['--confdir', this.#folder, '--rundir', this.#folder, '--vty_socket', this.#folder];
    return this.#namespace.attempt('/usr/lib/frr/frr-reload.py', [
      mode,
      ...folders,
      '--log-level',
      'warning',
      '--stdout',
      file,
    ]);
  }

  /** In a file of its own: `frr-reload.py` writes what runs to `frr.conf`. */
  #writeWhole(policy: string): string {
    const file = this.#file('whole.conf');
    writeFileSync(file, `${frrConfig(this.#node)}${policy}`);
    return file;
  }

  #vtysh(...args: string[]): string[] {
    return ['--config_dir', this.#folder, '--vty_socket', this.#folder, ...args];
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }

  /** zebra first: the others connect to its socket. No TCP control port (`-P 0`). */
  async #startDaemon(name: string): Promise<void> {
    const args = ['-u', 'frr', '-g', 'frr', '-P', '0', '-f', '/dev/null', '-i', this.#file(`${name}.pid`)];
    args.push('--vty_socket', this.#folder, '-z', this.#file('zserv.api'));
    const log = this.#file(`${name}.log`);
    const daemon = new Daemon(this.#namespace.name, `${this.id}: ${name}`, log, join(DAEMON_FOLDER, name), args);
    this.#daemons.push(daemon);
    await daemon.ready(async () => {
      const { status } = await this.#namespace.attempt('vtysh', this.#vtysh('-d', name, '-c', 'show version'));
      return status === 0;
    });
  }
}

/** Definitions only: without the block that attaches them to sessions. */
function withoutBgp(policy: string): string {
  return policy.replace(/^router bgp[\s\S]*?^exit$\n?/gm, '');
}

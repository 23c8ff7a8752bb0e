/** BIRD 2 as a border router or as a neighbor. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandResult } from '../network/command.ts';
import { Daemon } from '../network/daemon.ts';
import type { Namespace } from '../network/namespace.ts';
import type { WiredNode } from '../network/wiring.ts';
import type { RibRoute } from '../observe/rib.ts';
import { birdConfig, birdPolicy } from './bird-config.ts';
import { birdRib } from './bird-rib.ts';
import type { LabRouterProcess } from './router.ts';

export class BirdRouter implements LabRouterProcess {
  readonly id: string;
  readonly #node: WiredNode;
  readonly #namespace: Namespace;
  readonly #folder: string;
  #daemon: Daemon | null = null;
  #policy = '';

  constructor(node: WiredNode, namespace: Namespace, folder: string) {
    this.id = node.id;
    this.#node = node;
    this.#namespace = namespace;
    this.#folder = folder;
  }

  get pids(): readonly number[] {
    return this.#daemon?.running ? [this.#daemon.pid] : [];
  }

  async start(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true });
    this.#write('bird', this.#policy);
    const args = ['-f', '-c', this.#file('bird.conf'), '-s', this.#file('bird.ctl'), '-P', this.#file('bird.pid')];
    const daemon = new Daemon(this.#namespace.name, `${this.id}: bird`, this.#file('bird.log'), 'bird', args);
    this.#daemon = daemon;
    await daemon.ready(async () => {
      const { stdout } = await this.#birdc('show status');
      return stdout.includes('up and running');
    });
  }

  async stop(): Promise<void> {
    await this.#daemon?.stop();
    this.#daemon = null;
  }

  async establishedPeers(): Promise<readonly string[]> {
    const table = await this.#control('show protocols');
    return [...table.matchAll(/^to_(\w+)\s+BGP\s.*\bEstablished\b/gm)].map(([, peer]) => peer!);
  }

  async rib(): Promise<RibRoute[]> {
    return birdRib(await this.#control('show route table master4 all'));
  }

  /** `bird -p` over a copy of the whole configuration. */
  check(policy: string): Promise<CommandResult> {
    return this.#namespace.attempt('bird', ['-p', '-c', this.#write('candidate', policy)]);
  }

  async applyPolicy(policy: string): Promise<void> {
    const previous = this.#policy;
    this.#write('bird', policy);
    const { stdout, stderr } = await this.#birdc('configure');
    if (!/Reconfigured|Reconfiguration in progress/.test(stdout)) {
      this.#write('bird', previous);
      throw new Error(`${this.id}: bird: ${stdout}${stderr}`);
    }
    this.#policy = policy;
  }

  /** What is emitted for BIRD is a whole file each time. */
  applyChange(change: string): Promise<void> {
    return this.applyPolicy(change);
  }

  /** BIRD shows no configuration: the text that it accepted last, with its policy in place of the include. */
  async runningConfig(): Promise<string> {
    return birdConfig(this.#node, 'policy').replace('include "policy";', birdPolicy(this.#node, this.#policy));
  }

  async #control(command: string): Promise<string> {
    const { status, stdout, stderr } = await this.#birdc(command);
    if (status !== 0) throw new Error(`${this.id}: birdc ${command}: ${stderr}${stdout}`);
    return stdout;
  }

  #birdc(command: string): Promise<CommandResult> {
    return this.#namespace.attempt('birdc', ['-s', this.#file('bird.ctl'), ...command.split(' ')]);
  }

  /** Writes `<name>.conf` and the policy that it includes; returns the path of the former. */
  #write(name: string, policy: string): string {
    const policyFile = this.#file(`${name}-policy.conf`);
    writeFileSync(policyFile, birdPolicy(this.#node, policy));
    writeFileSync(this.#file(`${name}.conf`), birdConfig(this.#node, policyFile));
    return this.#file(`${name}.conf`);
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }
}

/** Network namespaces of this process, and the removal of those that a killed one left behind. */
import { existsSync } from 'node:fs';
import { attempt, type CommandResult, run } from './command.ts';

const NAME = /^egr(\d+)x\d+-/;
let runCount = 0;

/** Unique per lab: the process that owns it and a counter. */
export function runName(): string {
  runCount += 1;
  return `egr${process.pid}x${runCount}`;
}

export class Namespace {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** Forwarding on, reverse-path filter off (paths may be asymmetric), ICMP answers not rationed. */
  async create(): Promise<void> {
    await run('ip', ['netns', 'add', this.name]);
    await run('ip', ['-n', this.name, 'link', 'set', 'lo', 'up']);
    const settings = [
      'net.ipv4.ip_forward=1',
      'net.ipv4.conf.all.rp_filter=0',
      'net.ipv4.conf.default.rp_filter=0',
      'net.ipv4.icmp_ratelimit=0',
    ];
    await run('ip', ['netns', 'exec', this.name, 'sysctl', '-qw', ...settings]);
  }

  /** `ip` commands, one per line, in one process. */
  async batch(lines: readonly string[]): Promise<void> {
    if (lines.length > 0) await run('ip', ['-n', this.name, '-batch', '-'], `${lines.join('\n')}\n`);
  }

  run(command: string, args: readonly string[], input = ''): Promise<string> {
    return run('ip', ['netns', 'exec', this.name, command, ...args], input);
  }

  attempt(command: string, args: readonly string[], input = ''): Promise<CommandResult> {
    return attempt('ip', ['netns', 'exec', this.name, command, ...args], input);
  }

  async remove(): Promise<void> {
    await removeNamespace(this.name);
  }
}

/** Ends what still runs inside, by process id, then deletes the namespace with its links. */
async function removeNamespace(name: string): Promise<void> {
  const { stdout } = await attempt('ip', ['netns', 'pids', name]);
  for (const pid of stdout.split('\n').filter(Boolean).map(Number)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // ended meanwhile
    }
  }
  await attempt('ip', ['netns', 'delete', name]);
}

/** Removes the namespaces of labs whose owning process is gone. */
export async function removeOrphans(): Promise<void> {
  const { stdout } = await attempt('ip', ['netns', 'list']);
  for (const line of stdout.split('\n')) {
    const name = line.split(' ')[0] ?? '';
    const owner = NAME.exec(name)?.[1];
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) await removeNamespace(name);
  }
}

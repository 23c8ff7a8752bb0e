/** A network namespace: what is done in it, and its end. */
import { attempt, type CommandResult, run } from './command.ts';

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
export async function removeNamespace(name: string): Promise<void> {
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

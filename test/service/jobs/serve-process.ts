/** The service as a process of its own that may be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { MAIN } from '../../cli/run-cli.ts';

export interface CommandProcess {
  /** What the expression found on stdout, once it has. */
  readonly found: string;
  readonly process: ChildProcess;
  /** What it has said on stderr. */
  log(): string;
  /** Ends it, and waits until it has. */
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

export interface Served extends CommandProcess {
  readonly url: string;
}

/** `within` is a command line that runs another, such as `unshare`. */
export async function serveIn(directory: string, within: readonly string[] = []): Promise<Served> {
  return serve(['--data', directory], within);
}

export async function serve(argv: readonly string[], within: readonly string[] = []): Promise<Served> {
  const served = await startCommand(['serve', '--port', '0', ...argv], /egresso listens on (http:\S+)/, within);
  return { ...served, url: served.found };
}

/** Runs the command until its stdout has what `ready` looks for. */
export async function startCommand(
  argv: readonly string[],
  ready: RegExp,
  within: readonly string[] = [],
): Promise<CommandProcess> {
  const [program, ...rest] = [...within, process.execPath, MAIN, ...argv];
  const child = spawn(program, rest);
  let said = '';
  let log = '';
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
    const found = ready.exec(said)?.[1];
    if (found !== undefined) resolve(found);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
  });
  child.once('close', (code) => reject(new Error(`${argv[0]} ended with ${code}: ${said}${log}`)));
  const found = await promise;
  return {
    found,
    process: child,
    log: () => log,
    async kill(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const closed = once(child, 'close');
      child.kill(signal);
      await closed;
      return child.exitCode;
    },
  };
}

export async function submitTo(url: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/v1/jobs`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
}

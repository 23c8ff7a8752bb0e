/** The service as a process of its own that may be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { MAIN } from '../../cli/run-cli.ts';

export interface Served {
  readonly url: string;
  readonly process: ChildProcess;
  /** What it has said on stderr. */
  log(): string;
  /** Ends it, and waits until it has. */
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

/** `within` is a command line that runs another, such as `prlimit`. */
export async function serveIn(directory: string, within: readonly string[] = []): Promise<Served> {
  const serve = [process.execPath, MAIN, 'serve', '--port', '0', '--data', directory];
  const [program, ...argv] = [...within, ...serve];
  const child = spawn(program, argv);
  let said = '';
  let log = '';
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
    const url = /egresso listens on (http:\S+)/.exec(said)?.[1];
    if (url !== undefined) resolve(url);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
  });
  child.once('close', (code) => reject(new Error(`the service ended with ${code}: ${said}${log}`)));
  const url = await promise;
  return {
    url,
    process: child,
    log: () => log,
    async kill(signal) {
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

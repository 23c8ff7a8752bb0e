/** Commands that end by themselves, or are ended after 30 s. */
import { execFile } from 'node:child_process';

const COMMAND_TIMEOUT_MS = 30_000;

export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, whatever its status; killed after `timeout` milliseconds. */
export function attempt(
  command: string,
  args: readonly string[],
  input = '',
  timeout = COMMAND_TIMEOUT_MS,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const options = { encoding: 'utf8', timeout, maxBuffer: 256 * 1024 * 1024 } as const;
    const child = execFile(command, [...args], options, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ status, stdout, stderr: stderr || (error?.message ?? '') });
    });
    child.stdin?.on('error', () => {}); // a command that does not read its input closes it
    child.stdin?.end(input);
  });
}

/** Standard output of a command that has to succeed. @throws Error with its standard error otherwise. */
export async function run(command: string, args: readonly string[], input = ''): Promise<string> {
  const { status, stdout, stderr } = await attempt(command, args, input);
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')}: status ${status}: ${stderr.trim() || stdout.trim()}`);
  return stdout;
}

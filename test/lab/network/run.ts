/** Names of a run, by the process that owns it, and the removal of what a killed process left behind. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt } from './command.ts';
import { removeNamespace } from './namespace.ts';

const FOLDER = 'egresso-lab-';
const RUN = /^egr(\d+)x\d+/;
let runCount = 0;

/** Unique per lab: the process that owns it and a counter. */
export function runName(): string {
  runCount += 1;
  return `egr${process.pid}x${runCount}`;
}

export function runFolder(name: string): string {
  return join(tmpdir(), `${FOLDER}${name}`);
}

/** Namespaces, the processes within, and folders of labs whose owning process is gone. */
export async function removeOrphans(): Promise<void> {
  const { stdout } = await attempt('ip', ['netns', 'list']);
  const namespaces = stdout.split('\n').map((line) => line.split(' ')[0] ?? '');
  for (const namespace of namespaces.filter(orphaned)) await removeNamespace(namespace);
  for (const folder of readdirSync(tmpdir())) {
    if (folder.startsWith(FOLDER) && orphaned(folder.slice(FOLDER.length))) {
      rmSync(join(tmpdir(), folder), { recursive: true, force: true });
    }
  }
}

function orphaned(name: string): boolean {
  const owner = RUN.exec(name)?.[1];
  return owner !== undefined && !existsSync(`/proc/${owner}`);
}

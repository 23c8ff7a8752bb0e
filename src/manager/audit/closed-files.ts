/** The files of a log that are closed: beside the one that is written, with its name and a number that is used once. */
import { readdirSync } from 'node:fs';
import { join, parse } from 'node:path';

export interface ClosedFile {
  readonly number: number;
  readonly path: string;
}

/** audit.jsonl, 1: audit-000001.jsonl. */
export function closedPath(path: string, number: number): string {
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}-${String(number).padStart(6, '0')}${ext}`);
}

/** The oldest first. Errors: those of the file system. */
export function closedFiles(path: string): ClosedFile[] {
  const { dir } = parse(path);
  const files = readdirSync(dir === '' ? '.' : dir).flatMap((name) => {
    const number = Number(/-(\d{6,})\.[^.]*$/.exec(name)?.[1] ?? Number.NaN);
    const found = join(dir, name);
    return found === closedPath(path, number) ? [{ number, path: found }] : [];
  });
  return files.sort((a, b) => a.number - b.number);
}

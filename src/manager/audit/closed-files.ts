/** The files of a log that are closed: beside the one that is written, with its name and a number that is used once, maybe gzip. */
import { readdirSync } from 'node:fs';
import { join, parse } from 'node:path';

export interface ClosedFile {
  readonly number: number;
  readonly path: string;
  readonly isCompressed: boolean;
}

const GZIP = '.gz';

/** audit.jsonl, 1: audit-000001.jsonl. */
export function closedPath(path: string, number: number): string {
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}-${String(number).padStart(6, '0')}${ext}`);
}

/** The oldest first. Errors: those of the file system. */
export function closedFiles(path: string): ClosedFile[] {
  const { dir } = parse(path);
  const files = readdirSync(dir === '' ? '.' : dir).flatMap((name) => {
    const isCompressed = name.endsWith(GZIP);
    const plain = isCompressed ? name.slice(0, -GZIP.length) : name;
    const number = Number(/-(\d{6,})\.[^.]*$/.exec(plain)?.[1] ?? Number.NaN);
    const isOne = join(dir, plain) === closedPath(path, number);
    return isOne ? [{ number, path: join(dir, name), isCompressed }] : [];
  });
  return files.sort((a, b) => a.number - b.number);
}

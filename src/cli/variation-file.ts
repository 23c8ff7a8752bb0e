/** Files of variations: one JSON object a line (NDJSON), or one JSON list. */
import type { Readable } from 'node:stream';
import { EgressoError } from '../errors.ts';
import { inputName, readText } from '../formats/input.ts';

/** The variations of all files, in order; "-" is `stdin`. Errors: FILE_UNREADABLE, FORMAT_INVALID. */
export async function readVariations(paths: readonly string[], stdin: Readable): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const path of paths) {
    const input = path === '-' ? stdin : path;
    all.push(...parseVariations(await readText(input), inputName(input)));
  }
  return all;
}

function parseVariations(text: string, name: string): unknown[] {
  if (text.trimStart().startsWith('[')) return parseJson(text, name) as unknown[];
  return text.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [parseJson(line, `${name}:${i + 1}`)]));
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new EgressoError('FORMAT_INVALID', `${place}: ${(error as Error).message}`);
  }
}

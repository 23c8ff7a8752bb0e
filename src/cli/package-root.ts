/** Where the package lies: its version and its examples. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Seen from src/cli and from build/dist/cli. */
const PLACES = ['../../', '../../../'];

function packageRoot(): URL {
  const roots = PLACES.map((path) => new URL(path, import.meta.url));
  return roots.find((root) => existsSync(new URL('package.json', root))) ?? roots[0];
}

export function packageFile(path: string): string {
  return fileURLToPath(new URL(path, packageRoot()));
}

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string };
  return version;
}

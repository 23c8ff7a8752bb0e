/** Desired against acknowledged. Pure. */
import type { AnnouncedPath } from './announcer.ts';

export interface PathDifference {
  /** New, or with other attributes: an announcement takes the place of the one before. */
  readonly announce: readonly AnnouncedPath[];
  /** Prefixes. */
  readonly withdraw: readonly string[];
}

/** `acknowledged`: by prefix, the content of what is announced, as `content` gives it. */
export function pathDifference(
  desired: readonly AnnouncedPath[],
  acknowledged: ReadonlyMap<string, string>,
  content: (path: AnnouncedPath) => string = contentOf,
): PathDifference {
  const wanted = new Set(desired.map(({ prefix }) => prefix));
  return {
    announce: desired.filter((path) => acknowledged.get(path.prefix) !== content(path)),
    withdraw: [...acknowledged.keys()].filter((prefix) => !wanted.has(prefix)).sort(),
  };
}

/** Equal texts, equal paths on the wire; a lease is not on it. */
export function contentOf({
  nextHop,
  asPath,
  origin,
  med,
  communities,
  others = [],
}: Pick<AnnouncedPath, 'nextHop' | 'asPath' | 'origin' | 'med' | 'communities' | 'others'>): string {
  const marks = [...new Set(communities)].sort().join(',');
  const opaque = others.map(({ type, value }) => `${type}=${value}`).join(' ');
  return `${nextHop} ${asPath.join(',')} ${origin} ${med ?? '-'} ${marks} ${opaque}`;
}

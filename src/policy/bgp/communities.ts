/** Well-known communities (RFC 1997) that keep a route from others, as numbers and by name. */

/** What communities, or loops, forbid. */
export const NOTHING = 0;
/** To tell eBGP peers. */
export const EXPORT = 1;
/** To tell anybody. */
export const ADVERTISEMENT = 2;
/** To tell iBGP peers: they would drop it, as our own AS is in its path (RFC 4271 §9.1.2). */
export const LOOP = 3;

const WITHHOLDING: ReadonlyMap<string, number> = new Map([
  ['65535:65281', EXPORT],
  ['no-export', EXPORT],
  ['65535:65283', EXPORT],
  ['local-as', EXPORT],
  ['no-export-subconfed', EXPORT],
  ['65535:65282', ADVERTISEMENT],
  ['no-advertise', ADVERTISEMENT],
]);

/** NOTHING, EXPORT or ADVERTISEMENT. */
export function withheldBy(communities: readonly string[]): number {
  let withheld = NOTHING;
  for (const one of communities) withheld = Math.max(withheld, WITHHOLDING.get(one.toLowerCase()) ?? NOTHING);
  return withheld;
}

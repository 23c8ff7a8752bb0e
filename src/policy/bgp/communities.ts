/** Communities as they come, by number or by the name of a well-known one, and whom they keep routes from. */
import { COMMUNITY_PATTERN, isCommunity } from '../document.ts';

const NUMERIC = new RegExp(COMMUNITY_PATTERN);

/** IANA, "BGP Well-known Communities"; `local-as` is what routers call the third of RFC 1997. */
const WELL_KNOWN: ReadonlyMap<string, string> = new Map([
  ['graceful-shutdown', '65535:0'],
  ['accept-own', '65535:1'],
  ['llgr-stale', '65535:6'],
  ['no-llgr', '65535:7'],
  ['blackhole', '65535:666'],
  ['no-export', '65535:65281'],
  ['no-advertise', '65535:65282'],
  ['no-export-subconfed', '65535:65283'],
  ['local-as', '65535:65283'],
  ['no-peer', '65535:65284'],
]);

/** The numbers of a community of two or three parts, or null where the text is none. */
export function numericCommunity(text: string): string | null {
  const known = WELL_KNOWN.get(text.toLowerCase().replaceAll('_', '-'));
  if (known !== undefined) return known;
  return NUMERIC.test(text) && isCommunity(text) ? text.split(':').map(Number).join(':') : null;
}

/** Set aside by RFC 1997: such a community is nobody's own, and routers act on some of them. */
export function isReserved(community: string): boolean {
  const [first, ...rest] = community.split(':');
  return rest.length === 1 && (Number(first) === 0 || Number(first) === 0xffff);
}

/** What communities, or loops, forbid. */
export const NOTHING = 0;
/** To tell eBGP peers. */
export const EXPORT = 1;
/** To tell anybody. */
export const ADVERTISEMENT = 2;
/** To tell iBGP peers: they would drop it, as our own AS is in its path (RFC 4271 §9.1.2). */
export const LOOP = 3;

/** RFC 1997: NO_EXPORT, NO_ADVERTISE, NO_EXPORT_SUBCONFED. */
const WITHHOLDING: ReadonlyMap<string, number> = new Map([
  ['65535:65281', EXPORT],
  ['65535:65282', ADVERTISEMENT],
  ['65535:65283', EXPORT],
]);

/** Most communities are of somebody's own numbers: a look at the text is enough. */
const MAY_WITHHOLD = /^0*65535:|[a-z]/i;

/** NOTHING, EXPORT or ADVERTISEMENT. */
export function withheldBy(communities: readonly string[]): number {
  let withheld = NOTHING;
  for (const one of communities) {
    const number = MAY_WITHHOLD.test(one) ? numericCommunity(one) : null;
    if (number !== null) withheld = Math.max(withheld, WITHHOLDING.get(number) ?? NOTHING);
  }
  return withheld;
}

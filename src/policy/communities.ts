/** Communities as they come: by number, or by the name of a well-known one. */
import { COMMUNITY_PATTERN, isCommunity } from './document.ts';

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

/** Addresses as 32-bit words. */
import ipaddr from 'ipaddr.js';
import { canonicalAddress, ipv4Bits, parsePrefix } from '../../model/ip-prefix.ts';

/** Uint32 [1] for IPv4, [4] for IPv6, most significant first; null for what is no address. */
export function addressWords(text: string): Uint32Array | null {
  const bits = ipv4Bits(text, text.length);
  if (bits >= 0) return Uint32Array.of(bits);
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return null;
  const { parts } = ipaddr.IPv6.parse(text);
  return Uint32Array.from({ length: 4 }, (_, w) => parts[2 * w] * 0x10000 + parts[2 * w + 1]);
}

/** How IPv4 in IPv6 begins. */
export const MAPPED = '::ffff:';
/** Bits that IPv4 has before it in IPv6. */
export const MAPPED_BITS = 96;

/** IPv4 in IPv6 (RFC 4291, section 2.5.5.2), as a socket of both families tells it, in its own form; null for all else. */
export function mappedAddress(text: string): string | null {
  if (!text.toLowerCase().startsWith(MAPPED) || !ipaddr.IPv6.isValid(text)) return null;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : null;
}

/** An address as it is compared: canonical, IPv4 in IPv6 as IPv4, however it is written; null for what is no address. */
export function plainAddress(text: string): string | null {
  const canonical = canonicalAddress(text);
  return canonical === null ? null : (mappedAddress(canonical) ?? canonical);
}

export interface PrefixWords {
  readonly words: Uint32Array;
  /** Bits. */
  readonly length: number;
  readonly canonical: string;
}

/** Null for what is no prefix, or has bits behind its length. */
export function prefixWords(text: string): PrefixWords | null {
  const parsed = parsePrefix(text);
  if ('expected' in parsed) return null;
  const { canonical } = parsed;
  const slash = canonical.lastIndexOf('/');
  const words = addressWords(canonical.slice(0, slash));
  return words === null ? null : { words, length: Number(canonical.slice(slash + 1)), canonical };
}

/** A prefix as it is compared: canonical, of IPv4 in IPv6 as of IPv4; null for what is none. */
export function plainPrefix(text: string): string | null {
  const prefix = prefixWords(text);
  if (prefix === null) return null;
  const { canonical, length } = prefix;
  const mapped = length < MAPPED_BITS ? null : mappedAddress(canonical.slice(0, canonical.lastIndexOf('/')));
  return mapped === null ? canonical : `${mapped}/${length - MAPPED_BITS}`;
}

import ipaddr from 'ipaddr.js';

const DOT = 0x2e;
const ZERO = 0x30;

/** Canonical text of an address ("192.0.2.1", "2001:db8::1"), or null for anything else; no zones. */
export function canonicalAddress(text: string): string | null {
  // Without leading zeros an IPv4 address has one text only.
  if (ipv4Bits(text, text.length) >= 0) return text;
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return null;
  return ipaddr.IPv6.parse(text).toRFC5952String();
}

/** A prefix in its canonical text ("192.0.2.0/24", "2001:db8::/32"), or what the text should have been. */
export type ParsedPrefix = { readonly canonical: string } | { readonly expected: string };

export function parsePrefix(text: string): ParsedPrefix {
  const slash = text.indexOf('/');
  const lengthText = text.slice(slash + 1);
  if (slash < 0 || !/^(?:0|[1-9]\d{0,2})$/.test(lengthText)) return { expected: 'an IP prefix' };
  const length = Number(lengthText);
  const bits = ipv4Bits(text, slash);
  if (bits >= 0) return checked(text, length, 32, bits % 2 ** (32 - length) === 0);
  const address = canonicalAddress(text.slice(0, slash));
  if (address === null) return { expected: 'an IP prefix' };
  const bytes = ipaddr.parse(address).toByteArray();
  const isHostPartClear = bytes.every((byte, i) => (byte & (0xff >> Math.max(0, Math.min(8, length - 8 * i)))) === 0);
  return checked(`${address}/${length}`, length, 128, isHostPartClear);
}

function checked(canonical: string, length: number, maxLength: number, isHostPartClear: boolean): ParsedPrefix {
  if (length > maxLength) return { expected: `an IP prefix of at most ${maxLength} bits` };
  return isHostPartClear ? { canonical } : { expected: 'an IP prefix without host bits' };
}

/**
 * The 32 bits of the dotted quad before `end`, or -1. By hand, because a full table has a million of them and a parse by
 * ipaddr.js takes a microsecond.
 */
export function ipv4Bits(text: string, end: number): number {
  let bits = 0;
  let dots = 0;
  let octet = -1;
  for (let i = 0; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT && octet >= 0 && dots < 3) {
      bits = bits * 256 + octet;
      dots++;
      octet = -1;
      continue;
    }
    const digit = code - ZERO;
    // An octet that is 0 already would get a leading zero.
    if (!(digit >= 0 && digit <= 9) || octet === 0) return -1;
    octet = Math.max(octet, 0) * 10 + digit;
    if (octet > 255) return -1;
  }
  return dots === 3 && octet >= 0 ? bits * 256 + octet : -1;
}

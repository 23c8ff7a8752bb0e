import ipaddr from 'ipaddr.js';

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** Canonical text of an address ("192.0.2.1", "2001:db8::1"), or null for anything else; no zones. */
export function canonicalAddress(text: string): string | null {
  // Without leading zeros an IPv4 address has one text only.
  if (IPV4.test(text)) return text;
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return null;
  return ipaddr.IPv6.parse(text).toRFC5952String();
}

/** A prefix in its canonical text ("192.0.2.0/24", "2001:db8::/32"), or what the text should have been. */
export type ParsedPrefix = { readonly canonical: string } | { readonly expected: string };

export function parsePrefix(text: string): ParsedPrefix {
  const slash = text.indexOf('/');
  const lengthText = text.slice(slash + 1);
  const address = slash < 0 ? null : canonicalAddress(text.slice(0, slash));
  if (address === null || !/^(?:0|[1-9]\d{0,2})$/.test(lengthText)) return { expected: 'an IP prefix' };
  const length = Number(lengthText);
  const bytes = ipaddr.parse(address).toByteArray();
  const bits = 8 * bytes.length;
  if (length > bits) return { expected: `an IP prefix of at most ${bits} bits` };
  const isHostPartClear = bytes.every((byte, i) => (byte & (0xff >> Math.max(0, Math.min(8, length - 8 * i)))) === 0);
  return isHostPartClear ? { canonical: `${address}/${length}` } : { expected: 'an IP prefix without host bits' };
}

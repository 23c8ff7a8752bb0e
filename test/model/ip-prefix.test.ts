import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { canonicalAddress, parsePrefix } from '../../src/model/ip-prefix.ts';

describe('canonicalAddress', () => {
  it.each([
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['::', '::'],
  ])('%s is %s', (text, canonical) => expect(canonicalAddress(text)).toBe(canonical));

  it.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.',
    '.1.2.3',
    '1..2.3',
    '01.2.3.4',
    '1.2.3.256',
    '1.2.3.-4',
    '1.2.3.4 ',
    '0x1.2.3.4',
    '1e1.2.3.4',
    '１.2.3.4',
    'fe80::1%eth0',
    ':::',
    '2001:db8',
    '12345::',
    '1.2.3.4/32',
  ])('%j is none', (text) => expect(canonicalAddress(text)).toBeNull());

  it('agrees with ipaddr.js on dotted quads', () => {
    const text = fc.stringMatching(/^[0-9.]{0,15}$/);
    const quad = fc
      .array(fc.integer({ min: 0, max: 299 }), { minLength: 3, maxLength: 5 })
      .map((octets) => octets.join('.'));
    fc.assert(
      fc.property(fc.oneof(text, quad), (candidate) => {
        const isQuad = ipaddr.IPv4.isValidFourPartDecimal(candidate);
        expect(canonicalAddress(candidate)).toBe(isQuad ? candidate : null);
      }),
    );
  });
});

describe('parsePrefix', () => {
  it.each([
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['192.0.2.128/25', '192.0.2.128/25'],
    ['192.0.2.1/32', '192.0.2.1/32'],
    ['::/0', '::/0'],
    ['2001:DB8:0::/33', '2001:db8::/33'],
    ['2001:db8::1/128', '2001:db8::1/128'],
  ])('%s is %s', (text, canonical) => expect(parsePrefix(text)).toEqual({ canonical }));

  it.each([
    ['192.0.2.0', 'an IP prefix'],
    ['192.0.2.0/', 'an IP prefix'],
    ['192.0.2.0/024', 'an IP prefix'],
    ['192.0.2.0/24/24', 'an IP prefix'],
    ['192.0.2.0/33', 'an IP prefix of at most 32 bits'],
    ['::/129', 'an IP prefix of at most 128 bits'],
    ['192.0.2.128/24', 'an IP prefix without host bits'],
    ['0.0.0.1/0', 'an IP prefix without host bits'],
    ['2001:db8:8000::/32', 'an IP prefix without host bits'],
  ])('%s is not %s', (text, expected) => expect(parsePrefix(text)).toEqual({ expected }));

  it('has host bits exactly where the broadcast or network address differs', () => {
    const octet = fc.constantFrom(0, 1, 127, 128, 192, 255);
    fc.assert(
      fc.property(fc.tuple(octet, octet, octet, octet), fc.integer({ min: 0, max: 32 }), (octets, length) => {
        const text = `${octets.join('.')}/${length}`;
        const network = ipaddr.IPv4.networkAddressFromCIDR(text).toString();
        expect('canonical' in parsePrefix(text)).toBe(network === octets.join('.'));
      }),
    );
  });
});

/** Addresses of an IPv4 prefix as text. */

/** The first host address: where probes start from and go to. */
export function firstHost(prefix: string): string {
  const [address = '', length] = prefix.split('/');
  if (length === '32') return address;
  const octets = address.split('.').map(Number);
  octets[3]! += 1;
  return octets.join('.');
}

/** Who can reach an address that the service listens on. */
import { lookup } from 'node:dns/promises';
import { BlockList, isIPv6 } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether a host, a name or an address, stands for this machine alone. A name that is not known does not. */
export async function isLoopback(host: string): Promise<boolean> {
  try {
    // No host at all means every address.
    const addresses = host === '' ? [] : await lookup(host, { all: true });
    return (
      addresses.length > 0 &&
      addresses.every(({ address }) => loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'))
    );
  } catch {
    return false;
  }
}

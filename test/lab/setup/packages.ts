/** Debian packages of the lab, and the command that shows that each is there. */
import { accessSync, constants } from 'node:fs';
import { attempt } from '../network/command.ts';

const PACKAGES: readonly (readonly [name: string, file: string])[] = [
  ['iproute2', '/usr/sbin/ip'],
  ['frr', '/usr/lib/frr/bgpd'],
  ['frr-pythontools', '/usr/lib/frr/frr-reload.py'],
  ['bird2', '/usr/sbin/bird'],
  ['gobgpd', '/usr/bin/gobgpd'],
  ['traceroute', '/usr/sbin/traceroute'],
  ['pmacct', '/usr/sbin/nfacctd'],
  ['softflowd', '/usr/sbin/softflowd'],
  ['snmpd', '/usr/sbin/snmpd'],
  ['snmp', '/usr/bin/snmpget'],
  ['iperf3', '/usr/bin/iperf3'],
];

/** Installs what is missing; services are kept from starting. @returns a reason where something stays missing. */
export async function installPackages(log: (line: string) => void): Promise<string | null> {
  const wanted = missing();
  if (wanted.length === 0) return null;
  log(`installing ${wanted.join(' ')}`);
  const environment = ['DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  await attemptLong('env', [...environment, 'update', '-qq']);
  await attemptLong('env', [...environment, 'install', '-y', '-qq', '--no-install-recommends', ...wanted]);
  const still = missing();
  return still.length === 0 ? null : `Debian packages missing: ${still.join(' ')}`;
}

function missing(): string[] {
  return PACKAGES.filter(([, file]) => !executable(file)).map(([name]) => name);
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const INSTALL_TIMEOUT_MS = 240_000;

function attemptLong(command: string, args: readonly string[]): ReturnType<typeof attempt> {
  return attempt(command, args, '', INSTALL_TIMEOUT_MS);
}

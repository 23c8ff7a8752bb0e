/** FRR configuration of a border router: OSPF, the iBGP mesh, its neighbors, and no policy. */
import { hostname } from 'node:os';
import type { WiredNode } from '../network/wiring.ts';

/** Without the daemon's own policy requirement (RFC 8212), so that no policy means hot potato. The
 * machine's own host name, and forwarding of IPv6 off, are what FRR shows: a reload without policy changes nothing. */
export function frrConfig(node: WiredNode): string {
  const lines = [
    'frr defaults traditional',
    `hostname ${hostname()}`,
    'no ipv6 forwarding',
    'bgp route-map delay-timer 1',
    'interface lo',
    ` ip address ${node.loopback}/32`,
    ' ip ospf area 0',
    'exit',
  ];
  for (const { name, role, cost } of node.interfaces) {
    lines.push(`interface ${name}`, ' ip ospf area 0', ` ip ospf cost ${cost}`);
    if (role === 'core') {
      lines.push(
        ' ip ospf network point-to-point',
        ' ip ospf hello-interval 1',
        ' ip ospf dead-interval 4',
        ' ip ospf retransmit-interval 1',
      );
    } else lines.push(' ip ospf passive');
    lines.push('exit');
  }
  lines.push(
    'router ospf',
    ` ospf router-id ${node.routerId}`,
    ' timers throttle spf 10 50 500',
    ' timers throttle lsa all 0',
    ' timers lsa min-arrival 0',
    'exit',
  );
  lines.push(`router bgp ${node.asn}`, ` bgp router-id ${node.routerId}`, ' no bgp ebgp-requires-policy');
  for (const { peer, peerAsn, peerAddress, localAddress, type } of node.sessions) {
    lines.push(
      ` neighbor ${peerAddress} remote-as ${peerAsn}`,
      ` neighbor ${peerAddress} description ${peer}`,
      ` neighbor ${peerAddress} timers 3 9`,
      ` neighbor ${peerAddress} timers connect 1`,
      ` neighbor ${peerAddress} advertisement-interval 0`,
    );
    if (type !== 'ebgp') lines.push(` neighbor ${peerAddress} update-source ${localAddress}`);
  }
  lines.push(' address-family ipv4 unicast');
  for (const { peerAddress, type, addPath } of node.sessions) {
    if (type === 'ebgp') lines.push(`  neighbor ${peerAddress} soft-reconfiguration inbound`);
    if (type === 'ibgp') lines.push(`  neighbor ${peerAddress} next-hop-self`);
    if (addPath !== 'none') lines.push(`  neighbor ${peerAddress} addpath-tx-all-paths`);
  }
  lines.push(' exit-address-family', 'exit');
  return `${lines.join('\n')}\n`;
}

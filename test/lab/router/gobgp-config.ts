/** GoBGP 3 configuration of the controller: an iBGP session with add-path to every router. */
import type { WiredNode } from '../network/wiring.ts';

/** More than a lab has of one prefix. */
const MOST_PATHS = 8;

export function gobgpConfig(node: WiredNode): string {
  const neighbors = node.sessions.flatMap(({ peerAddress, peerAsn, localAddress, addPath }) => [
    '[[neighbors]]',
    '  [neighbors.config]',
    `    neighbor-address = "${peerAddress}"`,
    `    peer-as = ${peerAsn}`,
    '  [neighbors.transport.config]',
    `    local-address = "${localAddress}"`,
    '  [neighbors.timers.config]',
    '    hold-time = 9',
    '    keepalive-interval = 3',
    '    connect-retry = 1',
    '  [neighbors.add-paths.config]',
    '    receive = true',
    ...(addPath === 'both' ? [`    send-max = ${MOST_PATHS}`] : []),
    '  [[neighbors.afi-safis]]',
    '    [neighbors.afi-safis.config]',
    '      afi-safi-name = "ipv4-unicast"',
  ]);
  const global = ['[global.config]', `  as = ${node.asn}`, `  router-id = "${node.routerId}"`, '  port = 179'];
  return `${[...global, ...neighbors].join('\n')}\n`;
}

/**
 * BIRD 2 configuration of a border router or of a neighbor. Policy lives in a file of its own: filters named
 * `import_<peer>` and `export_<peer>`, one pair per eBGP session; those that a policy leaves out accept everything.
 */

import type { Announcement } from '../network/topology.ts';
import type { BgpSession, WiredNode } from '../network/wiring.ts';

export function birdConfig(node: WiredNode, policyFile: string): string {
  const border = node.role === 'border';
  return [
    `router id ${node.routerId};`,
    'protocol device { scan time 5; }',
    'protocol kernel { scan time 10; learn off; ipv4 { import none; export filter {',
    '  if source ~ [ RTS_BGP, RTS_OSPF, RTS_OSPF_IA ] then accept; reject; }; }; }',
    ...(border ? ospf(node) : origination(node.announces)),
    `include "${policyFile}";`,
    ...node.sessions.flatMap((session) => bgp(node, session)),
    '',
  ].join('\n');
}

/** `policy` completed by a filter that accepts for each name that it does not define. */
export function birdPolicy(node: WiredNode, policy: string): string {
  // BIRD sends a MED to another AS only where the export filter set it.
  const exported =
    node.role === 'neighbor'
      ? 'if proto = "own" then { if defined(bgp_med) then bgp_med = bgp_med; accept; } reject;'
      : 'if source = RTS_BGP then accept; reject;';
  const defaults = node.sessions
    .filter(({ type }) => type === 'ebgp')
    .flatMap(({ peer }) => [
      [`import_${peer}`, 'accept;'],
      [`export_${peer}`, exported],
    ])
    .filter(([name]) => !new RegExp(`\\bfilter\\s+${name}\\b`).test(policy))
    .map(([name, body]) => `filter ${name} { ${body} }`);
  return [policy, ...defaults, ''].join('\n');
}

/** The protocol of a session, named for its peer. */
export const birdProtocol = (peer: string): string => `to_${peer}`;

function ospf(node: WiredNode): string[] {
  const interfaces = node.interfaces.map(({ name, role, cost }) =>
    role === 'core'
      ? `  interface "${name}" { type ptp; cost ${cost}; hello 1; dead 4; retransmit 2; };`
      : `  interface "${name}" { stub; cost ${cost}; };`,
  );
  const area = ['area 0 {', `  stubnet ${node.loopback}/32 { cost 0; };`, ...interfaces, '}; }'];
  return [
    'protocol direct { ipv4; interface "*"; }',
    'protocol ospf v2 ospf1 { tick 1; ipv4 { import all; export none; };',
    ...area,
  ];
}

/** What a neighbor announces lies outside its kernel: it answers on those addresses itself. */
function origination(announces: readonly Announcement[]): string[] {
  const routes = announces.map(({ prefix, asPath = [], med }) => {
    const path = [...asPath].reverse().map((asn) => `bgp_path.prepend(${asn});`);
    return `  route ${prefix} blackhole { ${path.join(' ')} ${med === undefined ? '' : `bgp_med = ${med};`} };`;
  });
  return ['protocol direct { ipv4; }', 'protocol static own { ipv4;', ...routes, '}'];
}

function bgp(node: WiredNode, session: BgpSession): string[] {
  const { peer, peerAsn, localAddress, peerAddress, type, addPath } = session;
  const channel =
    type === 'ebgp'
      ? [`import filter import_${peer};`, `export filter export_${peer};`, 'import table on;']
      : [
          'import all;',
          'export where source = RTS_BGP;',
          ...(type === 'ibgp' ? ['next hop self;'] : []),
          ...(addPath === 'none' ? [] : [`add paths ${addPath === 'both' ? 'on' : 'tx'};`]),
        ];
  return [
    `protocol bgp ${birdProtocol(peer)} { local ${localAddress} as ${node.asn}; neighbor ${peerAddress} as ${peerAsn};`,
    '  hold time 9; connect delay time 1; connect retry time 1; error wait time 1, 2;',
    `  ipv4 { ${channel.join(' ')} }; }`,
  ];
}

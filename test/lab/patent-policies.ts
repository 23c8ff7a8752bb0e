/** Policy texts written by hand for the lab of Example 1, one case per instrument, with the paths that they ask for. */
import { PATENT_P1, PATENT_P2 } from './patent-lab.ts';

interface Choice {
  readonly ingress: string;
  readonly egress: string;
}

export interface PatentPolicy {
  readonly name: string;
  /** Policy text by router. */
  readonly texts: Readonly<Record<string, string>>;
  /** What a pair has to do under the policy, `before` given. */
  readonly choices: (neighbor: string, prefix: string, before: Choice) => Choice;
}

/** b3 (FRR) prefers its provider for P1, b4 (BIRD) for P2: a single egress each, as the SES plan of 1850 has it. */
const localPref = {
  b3: `ip prefix-list EGR-P1 seq 5 permit ${PATENT_P1}
route-map EGR-U3-IN permit 10
 match ip address prefix-list EGR-P1
 set local-preference 200
exit
route-map EGR-U3-IN permit 20
exit
router bgp 64500
 address-family ipv4 unicast
  neighbor 172.31.0.34 route-map EGR-U3-IN in
 exit-address-family
exit
`,
  b4: `filter import_U4 {
  # EGR
  if net = ${PATENT_P2} then bgp_local_pref = 200;
  accept;
}
`,
};

/** A1 is told of P1 only at b2, A2 of P2 only at b1: what is not advertised cannot be used. */
const selective = {
  b1: `ip prefix-list EGR-P1 seq 5 permit ${PATENT_P1}
route-map EGR-A1-OUT deny 10
 match ip address prefix-list EGR-P1
exit
route-map EGR-A1-OUT permit 20
exit
router bgp 64500
 address-family ipv4 unicast
  neighbor 172.31.0.18 route-map EGR-A1-OUT out
 exit-address-family
exit
`,
  b2: `filter export_A2 {
  # EGR
  if net = ${PATENT_P2} then reject;
  if source = RTS_BGP then accept;
  reject;
}
`,
};

/** A1 is asked to come in at b1 and A2 at b2, by a lower MED there. */
const med = {
  b1: `route-map EGR-A1-OUT permit 10
 set metric 10
exit
route-map EGR-A2-OUT permit 10
 set metric 50
exit
router bgp 64500
 address-family ipv4 unicast
  neighbor 172.31.0.18 route-map EGR-A1-OUT out
  neighbor 172.31.0.26 route-map EGR-A2-OUT out
 exit-address-family
exit
`,
  b2: `filter export_A1 {
  if source = RTS_BGP then { bgp_med = 50; accept; }
  reject;
}
filter export_A2 {
  if source = RTS_BGP then { bgp_med = 10; accept; }
  reject;
}
`,
};

const hotPotato = (ingress: string): Choice => ({ ingress, egress: ingress === 'b1' ? 'b3' : 'b4' });
const singleEgress = (prefix: string): string => (prefix === 'P1' ? 'b3' : 'b4');

export const patentPolicies: readonly PatentPolicy[] = [
  {
    name: 'local-pref per prefix',
    texts: localPref,
    choices: (_neighbor, prefix, before) => ({ ...before, egress: singleEgress(prefix) }),
  },
  {
    name: 'selective advertisement',
    texts: selective,
    choices: (neighbor, prefix, before) => {
      if (neighbor === 'A1' && prefix === 'P1') return hotPotato('b2');
      if (neighbor === 'A2' && prefix === 'P2') return hotPotato('b1');
      return hotPotato(before.ingress);
    },
  },
  {
    name: 'MED',
    texts: med,
    choices: (neighbor) => hotPotato(neighbor === 'A1' ? 'b1' : 'b2'),
  },
  {
    name: 'local-pref and MED: the plan of 1850',
    texts: { ...localPref, ...med },
    choices: (neighbor, prefix) => ({ ingress: neighbor === 'A1' ? 'b1' : 'b2', egress: singleEgress(prefix) }),
  },
];

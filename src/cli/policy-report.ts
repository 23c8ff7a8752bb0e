/** What the round trip found, for people. */
import type { RouterFormat } from '../model/network-model.ts';
import type { PairReport, PolicyResult } from '../policy/report.ts';
import { formatCount, printable } from './numbers.ts';

const SHOWN = 20;

/** How each router OS has its comments, so that a report may stand in its text. */
const COMMENT: Readonly<Record<RouterFormat, string>> = { frr: '!', bird: '#', gobgp: '#', junos: '#', iosxr: '!' };

export function commented(lines: readonly string[], format: RouterFormat): string {
  return lines.map((line) => `${COMMENT[format]} ${printable(line)}\n`).join('');
}

export function pairLines({ pairs }: PolicyResult): string[] {
  return pairs.reports.map(pairLine);
}

function pairLine({ neighbor, prefix, status, planned, found, ingressStep, egressStep }: PairReport): string {
  const way = `${planned.ingress} > ${planned.egress}`;
  const other =
    found.ingress === planned.ingress && found.egress === planned.egress
      ? ''
      : `, but BGP chooses ${found.ingress} > ${found.egress}`;
  return `${neighbor} to ${prefix}: ${status} ${way}${other} (ingress by ${ingressStep}, egress by ${egressStep})`;
}

/** Why nothing is emitted. */
export function refutation(result: PolicyResult): string {
  const { pairs, findings } = result;
  const failed = pairs.reports.filter(({ status }) => status === 'failed');
  const lines = [
    ...findings.slice(0, SHOWN).map(({ kind, message }) => `${kind}: ${message}`),
    ...failed.slice(0, SHOWN).map(pairLine),
  ];
  const hidden = pairs.failedCount + findings.length - lines.length;
  const head = `egresso: BGP would not do what the plan says: ${formatCount(pairs.failedCount, 'pair')} of ${total(result)} fail; nothing is emitted`;
  const more = hidden > 0 ? [`… and ${hidden} more`] : [];
  return [head, ...[...lines, ...more].map((line) => `  ${printable(line)}`)].map((line) => `${line}\n`).join('');
}

function total({ pairs }: PolicyResult): number {
  return pairs.enforcedCount + pairs.requestedCount + pairs.untoldCount + pairs.failedCount;
}

/** What the round trip found, for people. */
import type { RouterFormat } from '../model/network-model.ts';
import type { ExecutionStep, PairReport, PolicyResult } from '../policy/report.ts';
import { formatCount, formatNumber, printable } from './numbers.ts';

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

const MAX_LOADS = 20;
const MAX_TRANSIENTS = 5;

/** What a step of an execution plan does to the network. */
export function stepLines(step: ExecutionStep, number: number, count: number): string[] {
  const { prefixes, overloadOnTheWay, strayCount, transientCount, transients, overload, loads } = step;
  const way = [
    ...(overloadOnTheWay === 0 ? [] : [`overload of up to ${formatNumber(overloadOnTheWay)} on the way`]),
    ...(strayCount === 0 ? [] : [`${formatCount(strayCount, 'pair')} may stray on the way`]),
    ...(transientCount === 0 ? [] : [`${formatCount(transientCount, 'pair')} may stray while updates are under way`]),
  ];
  const after = overload === 0 ? '' : `, overload of ${formatNumber(overload)} after it`;
  const busiest = loads
    .filter(({ ingress, egress }) => ingress + egress > 0)
    .sort((a, b) => b.ingress + b.egress - a.ingress - a.egress)
    .slice(0, MAX_LOADS)
    .map(({ point, ingress, egress }) => `${point} ${formatNumber(ingress)} in, ${formatNumber(egress)} out`);
  return [
    `step ${number} of ${count}: ${formatCount(prefixes.length, 'prefix')}, ${way.length === 0 ? 'safe on the way' : way.join(', ')}${after}`,
    ...transients.slice(0, MAX_TRANSIENTS).map(transientLine),
    ...(transientCount > MAX_TRANSIENTS ? [`… and ${formatCount(transientCount - MAX_TRANSIENTS, 'pair')} more`] : []),
    `expected after it: ${busiest.join('; ')}`,
  ];
}

function transientLine(transient: ExecutionStep['transients'][number]): string {
  const { neighbor, prefix, volume, ingress, egress, mayBeUntold } = transient;
  const places = [
    ...(ingress.length > 0 ? [`enter at ${ingress.join(', ')}`] : []),
    ...(egress.length > 0 ? [`leave at ${egress.join(', ')}`] : []),
    ...(mayBeUntold ? ['have no way'] : []),
  ];
  return `${neighbor} to ${prefix} (${formatNumber(volume)}) may for a moment ${places.join(', or ')}`;
}

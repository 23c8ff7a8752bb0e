/** What the texts of all router OSes have in common: statements, rules, and the values in them. */
import { EgressoError } from '../../errors.ts';
import { ORIGINS } from '../../model/network-model.ts';
import { COMMUNITY_PATTERN, type Family, isCommunity, MAX_PREPEND, type RouteChange } from '../document.ts';

export interface ReadRule {
  readonly line: number;
  /** Lists of prefixes that it matches; null where it matches every route. */
  list: string | null;
  /** Address family that it says its list is of; null where it does not. */
  family: Family | null;
  action: 'accept' | 'reject' | null;
  set: RouteChange;
}

type Origin = (typeof ORIGINS)[number];

const COMMUNITY = new RegExp(COMMUNITY_PATTERN);

/** The list that a rule matches: one, of `family` where the text says so. */
export function matchList(rule: ReadRule, list: string, family: Family | null, line: number): void {
  if (rule.list !== null) throw textFault(line, 'a second condition');
  rule.list = list;
  rule.family = family;
}

/** What a rule changes beside what it changes already; nothing is changed twice. */
export function addChange(rule: ReadRule, change: RouteChange, line: number): void {
  for (const key of Object.keys(change) as (keyof RouteChange)[]) {
    if (rule.set[key] !== undefined) throw textFault(line, `${key} is set twice`);
  }
  rule.set = { ...rule.set, ...change };
}

/** Adds a community to what a rule sets. */
export function withCommunity(set: RouteChange, community: string): RouteChange {
  return { ...set, communities: [...(set.communities ?? []), community].sort() };
}

/** A community of two parts or three. */
export function readCommunity(text: string, parts: number, line: number): string {
  if (!COMMUNITY.test(text) || text.split(':').length !== parts || !isCommunity(text)) {
    throw textFault(line, `expected a community of ${parts} numbers, not ${JSON.stringify(text)}`);
  }
  return text;
}

export function prepended(asn: number, count: number, line: number): RouteChange {
  if (asn === 0 || count === 0 || count > MAX_PREPEND) {
    throw textFault(line, `expected an AS number that is put in front 1 to ${MAX_PREPEND} times`);
  }
  return { prepend: { asn, count } };
}

/** One AS number, repeated. */
export function prependedPath(path: readonly string[], line: number): RouteChange {
  if (path.some((one) => one !== path[0])) throw textFault(line, 'expected one AS number, repeated');
  return prepended(uint32(path[0] ?? '', line), path.length, line);
}

/** Every line that is neither empty nor a comment, trimmed, with its number from 1. */
export function* statements(text: string, comment: string): Generator<readonly [string, number]> {
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    const statement = line.trim();
    if (statement !== '' && !statement.startsWith(comment)) yield [statement, number];
  }
}

/** `names`: what the router OS calls the origins, in the order of `ORIGINS`. */
export function originNamed(text: string, line: number, names: readonly string[] = ORIGINS): Origin {
  const index = names.indexOf(text);
  if (index < 0) throw textFault(line, `expected an origin, not ${JSON.stringify(text)}`);
  return ORIGINS[index];
}

export function uint32(text: string, line: number): number {
  const value = /^(0|[1-9]\d{0,9})$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= 0xffffffff)) throw textFault(line, `expected a number of 32 bits, not ${JSON.stringify(text)}`);
  return value;
}

export function textFault(line: number, message: string): EgressoError {
  return new EgressoError('POLICY_INVALID', `line ${line}: ${message}`, [{ pointer: `/line/${line}`, message }]);
}

/** Reads the commands that `frr.ts` writes, line by line as FRR takes them. */
import type { Family, RouteChange } from '../document.ts';
import { FrrEntries } from './frr-entries.ts';
import { passName } from './named-policy.ts';
import { PolicyReader } from './policy-reader.ts';
import type { ReadPolicy, RenderContext, RouterState } from './renderer.ts';
import {
  addChange,
  matchList,
  originNamed,
  prependedPath,
  type ReadRule,
  readCommunity,
  textFault,
  uint32,
  withCommunity,
} from './rule-text.ts';
import { StatementCursor } from './statement-cursor.ts';

export const PASS = passName('-');

/** Between the sequence numbers that FRR gives. */
const OWN_STEP = 5;

const COMMENT = '!';

const familyOf = (ip: string): Family => (ip === 'ip' ? 4 : 6);

type Statement = readonly [RegExp, (match: readonly string[], line: number) => void];

/** The entry of a route-map at hand. */
interface Entry {
  readonly chain: string;
  readonly action: 'accept' | 'reject';
  /** A call makes no rule. */
  rule: ReadRule | null;
  base: string | null;
}

export class FrrText implements RouterState {
  readonly #reader: PolicyReader;
  /** Numbers of list entries and of route-map entries have to rise. */
  readonly #last = new Map<string, number>();
  #entry: Entry | null = null;
  #family: Family | null = null;
  readonly #entries: FrrEntries | null;
  #cursor = new StatementCursor('', COMMENT);

  constructor(router: string, context: RenderContext) {
    this.#reader = new PolicyReader(router, context, PASS);
    this.#entries = context.prefixTexts === undefined ? null : new FrrEntries(context.prefixTexts);
  }

  readonly #statements: readonly Statement[] = [
    [/^(ip|ipv6) prefix-list (\S+)(?: seq (\d+))? permit (\S+)$/, (match, line) => this.#addPrefix(match, line)],
    [/^no (ip|ipv6) prefix-list (\S+) permit (\S+)$/, (match, line) => this.#removePrefix(match, line)],
    [/^route-map (\S+) (permit|deny) (\d+)$/, (match, line) => this.#open(match, line)],
    [/^match (ip|ipv6) address prefix-list (\S+)$/, (match, line) => this.#match(match, line)],
    [/^set (\S+) (.+)$/, (match, line) => this.#set(match, line)],
    [/^call (\S+)$/, (match, line) => this.#call(match, line)],
    [/^on-match next$/, (_match, line) => this.#goOn(line)],
    [/^router bgp(?: \d+)?$/, (_match, line) => this.#close(line)],
    [/^address-family (ipv4|ipv6) unicast$/, (match, line) => this.#enter(match, line)],
    [/^(no )?neighbor (\S+) route-map (\S+) (in|out)$/, (match, line) => this.#attach(match, line)],
    [/^no route-map (\S+)$/, (match, line) => this.#removeChain(match, line)],
    [/^no (ip|ipv6) prefix-list (\S+)$/, (match, line) => this.#removeList(match, line)],
    [/^exit(?:-address-family)?$/, (_match, line) => this.#close(line)],
  ];

  take(text: string): void {
    const cursor = new StatementCursor(text, COMMENT);
    this.#cursor = cursor;
    let last = 1;
    for (let statement = cursor.next(); statement !== null; statement = cursor.next()) {
      const { line } = cursor;
      const known = this.#statements.find(([pattern]) => pattern.test(statement));
      if (known === undefined) throw textFault(line, `cannot read ${JSON.stringify(statement)}`);
      const [pattern, take] = known;
      take(pattern.exec(statement) ?? [], line);
      last = cursor.line;
    }
    this.#close(last);
  }

  read(): ReadPolicy {
    return this.#reader.read();
  }

  /** Without a number it comes behind the last entry. */
  #addPrefix([, ip, list, sequence, prefix]: readonly (string | undefined)[], line: number): void {
    const name = list as string;
    const family = familyOf(ip as string);
    const last = this.#last.get(`list ${name}`) ?? 0;
    this.#rises(`list ${name}`, sequence ?? `${last + OWN_STEP}`, line);
    const members = this.#reader.addPrefix(name, prefix as string, line, family);
    if (this.#entries === null) return;
    const count = this.#entries.take(this.#cursor, { head: `${ip} prefix-list ${name} permit `, family, members });
    this.#last.set(`list ${name}`, (this.#last.get(`list ${name}`) ?? 0) + count * OWN_STEP);
  }

  #removePrefix([, ip, list, prefix]: readonly string[], line: number): void {
    this.#reader.removePrefix(list, prefix, line, familyOf(ip));
    if (!this.#reader.hasList(list)) this.#last.delete(`list ${list}`);
  }

  #open([, chain, action, sequence]: readonly string[], line: number): void {
    this.#close(line);
    // Every text that needs it has it.
    if (chain === PASS) this.#last.delete(`route-map ${PASS}`);
    this.#rises(`route-map ${chain}`, sequence, line);
    if (!this.#reader.hasChain(chain) || chain === PASS) this.#reader.openChain(chain, line);
    this.#entry = { chain, action: action === 'permit' ? 'accept' : 'reject', rule: null, base: null };
  }

  #attach([, no, peer, chain, side]: readonly string[], line: number): void {
    if (this.#family === null) throw textFault(line, 'a session outside an address family');
    const direction = side === 'in' ? 'import' : 'export';
    if (no === undefined) this.#reader.attach(peer, direction, chain, this.#family, line);
    else this.#reader.detach(peer, direction, chain, this.#family, line);
  }

  #removeChain([, chain]: readonly string[], line: number): void {
    this.#reader.removeChain(chain, line);
    this.#last.delete(`route-map ${chain}`);
  }

  #removeList([, ip, list]: readonly string[], line: number): void {
    this.#reader.removeList(list, line, familyOf(ip));
    this.#last.delete(`list ${list}`);
  }

  #match([, ip, list]: readonly string[], line: number): void {
    matchList(this.#ruleAt(line), list, familyOf(ip), line);
  }

  #set([, what, words]: readonly string[], line: number): void {
    const change = SETTINGS[what];
    if (change === undefined) throw textFault(line, `cannot read ${JSON.stringify(`set ${what}`)}`);
    const rule = this.#ruleAt(line);
    if (what.endsWith('community')) rule.set = addedCommunities(rule.set, what, words, line);
    else addChange(rule, change(words, line), line);
  }

  /** A call goes on with the entry behind it: so far it makes an end. */
  #call([, base]: readonly string[], line: number): void {
    const entry = this.#entryAt(line);
    if (entry.rule !== null || entry.action === 'reject') throw textFault(line, 'a call with conditions');
    if (entry.base !== null || this.#reader.hasRules(entry.chain)) throw textFault(line, `${base} is called too late`);
    this.#reader.call(entry.chain, base, line);
    entry.base = base;
  }

  #goOn(line: number): void {
    const entry = this.#entryAt(line);
    if (entry.base === null) throw textFault(line, 'goes on without a call');
    this.#entry = null;
  }

  #enter([, family]: readonly string[], line: number): void {
    this.#close(line);
    this.#family = family === 'ipv4' ? 4 : 6;
  }

  #entryAt(line: number): Entry {
    if (this.#entry === null) throw textFault(line, 'outside an entry of a route-map');
    return this.#entry;
  }

  #ruleAt(line: number): ReadRule {
    const entry = this.#entryAt(line);
    if (entry.base !== null) throw textFault(line, 'a call with conditions');
    entry.rule ??= this.#addRule(entry, line);
    return entry.rule;
  }

  #addRule({ chain, action }: Entry, line: number): ReadRule {
    const rule = this.#reader.addRule(chain, line);
    rule.action = action;
    return rule;
  }

  #close(line: number): void {
    const entry = this.#entry;
    if (entry !== null && entry.base !== null) throw textFault(line, `nothing of ${entry.chain} comes after the call`);
    // An entry without conditions is for every route.
    if (entry !== null && entry.rule === null) this.#addRule(entry, line);
    this.#entry = null;
    this.#family = null;
  }

  #rises(what: string, sequence: string, line: number): void {
    const value = uint32(sequence, line);
    if (value <= (this.#last.get(what) ?? 0)) throw textFault(line, `${what} is out of order`);
    this.#last.set(what, value);
  }
}

type Setting = (words: string, line: number) => RouteChange;

const SETTINGS: Readonly<Record<string, Setting>> = {
  'local-preference': (value, line) => ({ localPref: uint32(value, line) }),
  metric: (value, line) => ({ med: uint32(value, line) }),
  origin: (value, line) => ({ origin: originNamed(value, line) }),
  'as-path': (words, line) => {
    const [verb, ...path] = words.split(' ');
    if (verb !== 'prepend') throw textFault(line, `cannot read ${JSON.stringify(`set as-path ${verb}`)}`);
    return prependedPath(path, line);
  },
  community: () => ({}),
  'large-community': () => ({}),
};

/** One line for each kind of community: a second one would replace the first. */
function addedCommunities(set: RouteChange, what: string, words: string, line: number): RouteChange {
  const parts = what === 'community' ? 2 : 3;
  const communities = words.split(' ');
  if (communities.pop() !== 'additive') throw textFault(line, 'communities would replace those of the route');
  if ((set.communities ?? []).some((one) => one.split(':').length === parts)) {
    throw textFault(line, `${what} is set twice`);
  }
  for (const one of communities) readCommunity(one, parts, line);
  return communities.reduce(withCommunity, set);
}

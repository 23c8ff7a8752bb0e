/** Reads the TOML that `gobgp.ts` writes, section by section. */
import { DIRECTIONS, type Direction, type RouteChange } from '../document.ts';
import { PolicyReader } from './policy-reader.ts';
import type { ReadPolicy, RenderContext, RouterState } from './renderer.ts';
import {
  addChange,
  matchList,
  prepended,
  type ReadRule,
  readCommunity,
  statements,
  textFault,
  uint32,
  withCommunity,
} from './rule-text.ts';

export const DEFINITION = '[[policy-definitions]]';
export const STATEMENT = '[[policy-definitions.statements]]';
export const CONDITIONS = '[policy-definitions.statements.conditions.';
export const BGP_ACTIONS = '[policy-definitions.statements.actions.bgp-actions';
export const APPLY = '[global.apply-policy.config]';

/** A line `key = value`: value is a number, a text, or a list of texts. */
const ENTRY = /^([a-z-]+) = (?:(\d+)|"([^"\\]*)"|\[((?:"[^"\\]*"(?:, )?)*)\])$/;

export class GobgpText implements RouterState {
  readonly #reader: PolicyReader;
  readonly #addressOf = new Map<string, string | null>();
  readonly #sessionOf = new Map<string, string>();
  readonly #context: RenderContext;
  #section = '';
  /** Keys that the section at hand has had: TOML takes each once. */
  readonly #keys = new Set<string>();
  /** Kinds of communities that the statement at hand adds to those of the route. */
  readonly #additive = new Set<string>();
  #name = '';
  #chain = '';
  #rule: ReadRule | null = null;
  /** The statement at hand is for one neighbor. */
  #isForOne = true;
  #prepend: { count: number; line: number } | null = null;
  /** Line of a prefix whose length is still to come. */
  #openPrefix: number | null = null;
  readonly #applied = new Set<Direction>();
  /** Directions in which a route that no policy names is accepted. */
  readonly #accepted = new Set<Direction>();

  constructor(router: string, context: RenderContext) {
    this.#reader = new PolicyReader(router, context);
    this.#context = context;
  }

  take(text: string): void {
    for (const [statement, line] of statements(text, '#')) {
      if (SECTIONS.has(statement)) this.#open(statement, line);
      else this.#entry(statement, line);
    }
    this.#end(0);
    this.#closePrefix();
    const lost = DIRECTIONS.find((one) => this.#applied.has(one) && !this.#accepted.has(one));
    if (lost !== undefined) throw textFault(1, `what happens to other routes of the ${lost} is left to the daemon`);
  }

  read(): ReadPolicy {
    return this.#reader.read();
  }

  #open(section: string, line: number): void {
    this.#section = section;
    this.#keys.clear();
    this.#closePrefix();
    if (section === STATEMENT) this.#openStatement(line);
    if (section === DEFINITION || section === APPLY) this.#end(line);
  }

  #closePrefix(): void {
    if (this.#openPrefix !== null) throw textFault(this.#openPrefix, 'the lengths that match are left open');
  }

  #openStatement(line: number): void {
    this.#closeStatement(line);
    this.#additive.clear();
    this.#isForOne = false;
    this.#rule = this.#reader.addRule(this.#chain, line);
  }

  #closeStatement(line: number): void {
    if (!this.#isForOne) throw textFault(line, 'a statement for every neighbor');
    this.#rule = null;
  }

  /** The end of a chain: what no statement takes is accepted, by the default that `#take` asks for. */
  #end(line: number): void {
    this.#closeStatement(line);
    if (this.#chain !== '') this.#reader.addRule(this.#chain, line).action = 'accept';
    this.#chain = '';
  }

  #entry(statement: string, line: number): void {
    const entry = ENTRY.exec(statement);
    if (entry === null) throw textFault(line, `cannot read ${JSON.stringify(statement)}`);
    const [, key, number, word, items] = entry;
    const texts = [...(items ?? '').matchAll(/"([^"]*)"/g)].map(([, text]) => text);
    if (this.#keys.has(key)) throw textFault(line, `${key} is there twice`);
    this.#keys.add(key);
    const read = READERS[`${this.#section} ${key}`];
    if (read === undefined) throw textFault(line, `cannot read ${JSON.stringify(statement)} in ${this.#section}`);
    read(this, { value: number ?? word ?? '', texts, line });
  }

  set(change: RouteChange, line: number): void {
    addChange(this.#ruleAt(line), change, line);
  }

  name(value: string): void {
    this.#name = value;
  }

  prefix(value: string, line: number): void {
    this.#reader.addPrefix(this.#name, value, line);
    this.#openPrefix = line;
  }

  maskLengths(value: string, line: number): void {
    const length = this.#reader.lastLength(this.#name);
    if (value !== `${length}..${length}`) throw textFault(line, 'more than the prefix itself would match');
    this.#openPrefix = null;
  }

  neighbors(texts: readonly string[], line: number): void {
    if (texts.length > 1) throw textFault(line, 'a set of several neighbors');
    this.#addressOf.set(this.#name, texts[0] ?? null);
  }

  chain(value: string, line: number): void {
    this.#chain = value;
    this.#reader.openChain(value, line);
  }

  list(value: string, line: number): void {
    matchList(this.#ruleAt(line), value, null, line);
  }

  neighbor(value: string, line: number): void {
    const known = this.#context.sessions.find(({ name }) => name === value);
    if (known === undefined || this.#addressOf.get(value) !== known.peerAddress) {
      throw textFault(line, `neighbor set "${value}" is not defined as the session of that name`);
    }
    if ((this.#sessionOf.get(this.#chain) ?? value) !== value) throw textFault(line, 'a policy for two neighbors');
    this.#sessionOf.set(this.#chain, value);
    this.#isForOne = true;
  }

  disposition(value: string, line: number): void {
    if (value !== 'accept-route' && value !== 'reject-route') throw textFault(line, 'neither accepts nor rejects');
    this.#ruleAt(line).action = value === 'accept-route' ? 'accept' : 'reject';
  }

  repeat(value: string, line: number): void {
    this.#prepend = { count: uint32(value, line), line };
  }

  prepended(value: string, line: number): void {
    const count = this.#prepend?.count ?? 0;
    this.set(prepended(uint32(value, line), count, line), line);
    this.#prepend = null;
  }

  apply(direction: Direction, names: readonly string[], line: number): void {
    this.#applied.add(direction);
    for (const name of names) {
      const session = this.#sessionOf.get(name);
      if (session === undefined) throw textFault(line, `${name} is not defined`);
      this.#reader.attachByName(session, direction, name, line);
    }
  }

  acceptOthers(direction: Direction, value: string, line: number): void {
    if (value !== 'accept-route') throw textFault(line, 'routes that no policy names would be lost');
    this.#accepted.add(direction);
  }

  /** `kind`: community or large-community. */
  options(kind: string, value: string, line: number): void {
    if (value !== 'add') throw textFault(line, 'communities would replace those of the route');
    this.#additive.add(kind);
  }

  communities(kind: string, texts: readonly string[], line: number): void {
    if (!this.#additive.has(kind)) throw textFault(line, 'communities would replace those of the route');
    const parts = kind === 'community' ? 2 : 3;
    for (const one of texts) readCommunity(one, parts, line);
    const rule = this.#ruleAt(line);
    rule.set = texts.reduce(withCommunity, rule.set);
  }

  #ruleAt(line: number): ReadRule {
    if (this.#rule === null) throw textFault(line, 'outside a statement');
    return this.#rule;
  }
}

interface Entry {
  readonly value: string;
  readonly texts: readonly string[];
  readonly line: number;
}

type EntryReader = (text: GobgpText, entry: Entry) => void;

function communityReaders(kind: string): Readonly<Record<string, EntryReader>> {
  const section = `${BGP_ACTIONS}.set-${kind}`;
  return {
    [`${section}] options`]: (text, { value, line }) => text.options(kind, value, line),
    [`${section}.set-${kind}-method] communities-list`]: (text, { texts, line }) => text.communities(kind, texts, line),
  };
}

const READERS: Readonly<Record<string, EntryReader>> = {
  '[[defined-sets.prefix-sets]] prefix-set-name': (text, { value }) => text.name(value),
  '[[defined-sets.prefix-sets.prefix-list]] ip-prefix': (text, { value, line }) => text.prefix(value, line),
  '[[defined-sets.prefix-sets.prefix-list]] masklength-range': (text, { value, line }) => text.maskLengths(value, line),
  '[[defined-sets.neighbor-sets]] neighbor-set-name': (text, { value }) => text.name(value),
  '[[defined-sets.neighbor-sets]] neighbor-info-list': (text, { texts, line }) => text.neighbors(texts, line),
  [`${DEFINITION} name`]: (text, { value, line }) => text.chain(value, line),
  [`${STATEMENT} name`]: () => {},
  [`${CONDITIONS}match-prefix-set] prefix-set`]: (text, { value, line }) => text.list(value, line),
  [`${CONDITIONS}match-neighbor-set] neighbor-set`]: (text, { value, line }) => text.neighbor(value, line),
  '[policy-definitions.statements.actions] route-disposition': (text, { value, line }) => text.disposition(value, line),
  [`${BGP_ACTIONS}] set-local-pref`]: (text, { value, line }) => text.set({ localPref: uint32(value, line) }, line),
  [`${BGP_ACTIONS}] set-med`]: (text, { value, line }) => text.set({ med: uint32(value, line) }, line),
  [`${BGP_ACTIONS}.set-as-path-prepend] repeat-n`]: (text, { value, line }) => text.repeat(value, line),
  [`${BGP_ACTIONS}.set-as-path-prepend] as`]: (text, { value, line }) => text.prepended(value, line),
  ...communityReaders('community'),
  ...communityReaders('large-community'),
  [`${APPLY} import-policy-list`]: (text, { texts, line }) => text.apply('import', texts, line),
  [`${APPLY} export-policy-list`]: (text, { texts, line }) => text.apply('export', texts, line),
  [`${APPLY} default-import-policy`]: (text, { value, line }) => text.acceptOthers('import', value, line),
  [`${APPLY} default-export-policy`]: (text, { value, line }) => text.acceptOthers('export', value, line),
};

const SECTIONS: ReadonlySet<string> = new Set(Object.keys(READERS).map((key) => key.slice(0, key.lastIndexOf(' '))));

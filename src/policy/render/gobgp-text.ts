/** Reads the TOML that `gobgp.ts` writes, section by section. */
import type { RouteChange, RouterPolicy } from '../document.ts';
import { PolicyReader, type ReadRule, statements, textFault, uint32, withCommunity } from './policy-reader.ts';
import type { RenderContext } from './renderer.ts';

export const DEFINITION = '[[policy-definitions]]';
export const STATEMENT = '[[policy-definitions.statements]]';
export const CONDITIONS = '[policy-definitions.statements.conditions.';
export const BGP_ACTIONS = '[policy-definitions.statements.actions.bgp-actions';
export const APPLY = '[global.apply-policy.config]';

/** A line `key = value`: value is a number, a text, or a list of texts. */
const ENTRY = /^([a-z-]+) = (?:(\d+)|"([^"\\]*)"|\[((?:"[^"\\]*"(?:, )?)*)\])$/;

export class GobgpText {
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

  constructor(router: string, context: RenderContext) {
    this.#reader = new PolicyReader(router, context);
    this.#context = context;
  }

  read(text: string): RouterPolicy {
    for (const [statement, line] of statements(text, '#')) {
      if (SECTIONS.has(statement)) this.#open(statement, line);
      else this.#take(statement, line);
    }
    this.#end(0);
    return this.#reader.policy();
  }

  #open(section: string, line: number): void {
    this.#section = section;
    this.#keys.clear();
    if (section === STATEMENT) this.#openStatement(line);
    if (section === DEFINITION || section === APPLY) this.#end(line);
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

  #take(statement: string, line: number): void {
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

  set(change: (set: RouteChange) => RouteChange, line: number): void {
    const rule = this.#ruleAt(line);
    rule.set = { ...rule.set, ...change(rule.set) };
  }

  name(value: string): void {
    this.#name = value;
  }

  prefix(value: string, line: number): void {
    this.#reader.addPrefix(this.#name, value, line);
  }

  maskLengths(value: string, prefixLine: number): void {
    const length = this.#reader.lastLength(this.#name);
    if (value !== `${length}..${length}`) throw textFault(prefixLine, 'more than the prefix itself would match');
  }

  neighbors(texts: readonly string[]): void {
    this.#addressOf.set(this.#name, texts[0] ?? null);
  }

  chain(value: string, line: number): void {
    this.#chain = value;
    this.#reader.openChain(value, line);
  }

  list(value: string, line: number): void {
    this.#ruleAt(line).list = value;
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
    if (count === 0) throw textFault(line, 'an AS number that is not repeated');
    this.set(() => ({ prepend: { asn: uint32(value, line), count } }), line);
    this.#prepend = null;
  }

  apply(direction: 'import' | 'export', names: readonly string[], line: number): void {
    for (const name of names) {
      const session = this.#sessionOf.get(name);
      if (session === undefined) throw textFault(line, `${name} is not defined`);
      this.#reader.attach(session, direction, name, null, line);
    }
  }

  /** `kind`: community or large-community. */
  options(kind: string, value: string, line: number): void {
    if (value !== 'add') throw textFault(line, 'communities would replace those of the route');
    this.#additive.add(kind);
  }

  communities(kind: string, texts: readonly string[], line: number): void {
    if (!this.#additive.has(kind)) throw textFault(line, 'communities would replace those of the route');
    this.set((set) => texts.reduce(withCommunity, set), line);
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

function accepting({ value, line }: Entry): void {
  if (value !== 'accept-route') throw textFault(line, 'routes that no policy names would be lost');
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
  '[[defined-sets.neighbor-sets]] neighbor-info-list': (text, { texts }) => text.neighbors(texts),
  [`${DEFINITION} name`]: (text, { value, line }) => text.chain(value, line),
  [`${STATEMENT} name`]: () => {},
  [`${CONDITIONS}match-prefix-set] prefix-set`]: (text, { value, line }) => text.list(value, line),
  [`${CONDITIONS}match-neighbor-set] neighbor-set`]: (text, { value, line }) => text.neighbor(value, line),
  '[policy-definitions.statements.actions] route-disposition': (text, { value, line }) => text.disposition(value, line),
  [`${BGP_ACTIONS}] set-local-pref`]: (text, { value, line }) =>
    text.set(() => ({ localPref: uint32(value, line) }), line),
  [`${BGP_ACTIONS}] set-med`]: (text, { value, line }) => text.set(() => ({ med: uint32(value, line) }), line),
  [`${BGP_ACTIONS}.set-as-path-prepend] repeat-n`]: (text, { value, line }) => text.repeat(value, line),
  [`${BGP_ACTIONS}.set-as-path-prepend] as`]: (text, { value, line }) => text.prepended(value, line),
  ...communityReaders('community'),
  ...communityReaders('large-community'),
  [`${APPLY} import-policy-list`]: (text, { texts, line }) => text.apply('import', texts, line),
  [`${APPLY} export-policy-list`]: (text, { texts, line }) => text.apply('export', texts, line),
  [`${APPLY} default-import-policy`]: (_text, entry) => accepting(entry),
  [`${APPLY} default-export-policy`]: (_text, entry) => accepting(entry),
};

const SECTIONS: ReadonlySet<string> = new Set(Object.keys(READERS).map((key) => key.slice(0, key.lastIndexOf(' '))));

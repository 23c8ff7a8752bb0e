import { EgressoError } from '../errors.ts';

/** The error for a text that `JSON.parse` has refused, with the place of the fault, which its own message may lack. */
export function jsonFault(text: string): EgressoError {
  const position = new JsonScanner(text).faultPosition();
  const before = text.slice(0, position);
  const line = before.split('\n').length;
  const column = position - before.lastIndexOf('\n');
  const reason = position === text.length ? 'it ends too early' : `unexpected ${JSON.stringify(text[position])}`;
  const place = `at position ${position}, line ${line}, column ${column}`;
  return new EgressoError('BODY_MALFORMED', `The body is not valid JSON: ${reason} (${place}).`);
}

/** A value begins with one of these; a closer may stand where the list or object is still empty. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or end';

/** Reads JSON (RFC 8259) up to the first character that cannot stand where it stands. */
class JsonScanner {
  readonly #text: string;
  /** The closers of the lists and objects that are open. */
  readonly #closers: (']' | '}')[] = [];
  #expected: Expected = 'value';
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The length of the text where it ends too early. */
  faultPosition(): number {
    do this.#skip(/[ \t\n\r]*/y);
    while (this.#position < this.#text.length && this.#token());
    return this.#position;
  }

  /** Takes one token; false leaves the position at the fault. */
  #token(): boolean {
    const char = this.#text[this.#position];
    const closer = this.#closers.at(-1);
    const mayClose = this.#expected !== 'value' && this.#expected !== 'key' && this.#expected !== 'colon';
    if (mayClose && char === closer) {
      this.#closers.pop();
      return this.#take('comma or end');
    }
    switch (this.#expected) {
      case 'colon':
        return char === ':' && this.#take('value');
      case 'comma or end':
        return char === ',' && closer !== undefined && this.#take(closer === ']' ? 'value' : 'key');
      case 'key':
      case 'key or }':
        return this.#string('colon');
      default:
        return this.#value(char);
    }
  }

  #value(char: string): boolean {
    if (char === '"') return this.#string('comma or end');
    if (char === '[' || char === '{') {
      this.#closers.push(char === '[' ? ']' : '}');
      return this.#take(char === '[' ? 'value or ]' : 'key or }');
    }
    this.#expected = 'comma or end';
    const word = ['true', 'false', 'null'].find((candidate) => candidate[0] === char);
    if (word === undefined) return this.#skip(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y) > 0;
    for (const letter of word) {
      if (this.#text[this.#position] !== letter) return false;
      this.#position++;
    }
    return true;
  }

  #string(next: Expected): boolean {
    if (this.#text[this.#position] !== '"') return false;
    this.#position++;
    for (;;) {
      const char = this.#text[this.#position];
      if (char === '"') return this.#take(next);
      // Also where the text ends: undefined is not >= ' '.
      if (!(char >= ' ')) return false;
      if (char !== '\\') this.#position++;
      else if (this.#skip(/\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y) === 0) return false;
    }
  }

  #take(next: Expected): true {
    this.#expected = next;
    this.#position++;
    return true;
  }

  #skip(pattern: RegExp): number {
    pattern.lastIndex = this.#position;
    const length = pattern.exec(this.#text)?.[0].length ?? 0;
    this.#position += length;
    return length;
  }
}

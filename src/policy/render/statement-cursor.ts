/** Goes through a text statement by statement. */
export class StatementCursor {
  readonly text: string;
  /** Where the next line starts. */
  at = 0;
  /** Lines before that. */
  line = 0;
  readonly #comment: string;

  constructor(text: string, comment: string) {
    this.text = text;
    this.#comment = comment;
  }

  /** The next line that is neither empty nor a comment, trimmed; null behind the last. */
  next(): string | null {
    while (this.at < this.text.length) {
      const newline = this.text.indexOf('\n', this.at);
      const end = newline < 0 ? this.text.length : newline;
      const statement = this.text.slice(this.at, end).trim();
      this.at = end + 1;
      this.line++;
      if (statement !== '' && !statement.startsWith(this.#comment)) return statement;
    }
    return null;
  }

  /** Passes over so many lines, of so many characters with their newlines. */
  skip(length: number, lineCount: number): void {
    this.at += length;
    this.line += lineCount;
  }
}

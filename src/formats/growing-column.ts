type ColumnArray =
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

/** A typed array that doubles when it is full: the columns of a table whose length is known only at its end. */
export class GrowingColumn<A extends ColumnArray> {
  readonly #create: new (
    length: number,
  ) => A;
  #values: A;
  #count = 0;

  constructor(create: new (length: number) => A) {
    this.#create = create;
    this.#values = new create(1024);
  }

  get count(): number {
    return this.#count;
  }

  push(value: number): void {
    if (this.#count === this.#values.length) {
      const grown = new this.#create(2 * this.#count);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#count++] = value;
  }

  /** A view on what was pushed so far, valid until the next push. */
  get values(): A {
    return this.#values.subarray(0, this.#count) as A;
  }
}

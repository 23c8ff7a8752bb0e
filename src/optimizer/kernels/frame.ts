/** Frames and arrays lie above this address; what is below belongs to the module. */
const FRAME_ADDRESS = 1024;
/** Of every array, so that vector loads are aligned. */
const ALIGNMENT = 16;
const PAGE_BYTES = 65536;

type NumberArray = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

/**
 * The frame of one kernel call: 32-bit words, each a count or the address of an array, and the arrays behind them.
 *
 * It is planned first, so that the memory can be sized before anything is copied; addresses are relative to nothing and
 * stay valid when the memory grows.
 */
export class Frame {
  readonly #words: number[] = [];
  readonly #copies: { address: number; values: NumberArray }[] = [];
  readonly #wordCount: number;
  #end: number;

  /** @param wordCount at least the number of words that will be added. */
  constructor(wordCount: number) {
    this.#wordCount = wordCount;
    this.#end = align(FRAME_ADDRESS + 4 * wordCount);
  }

  get address(): number {
    return FRAME_ADDRESS;
  }

  get pageCount(): number {
    return Math.ceil(this.#end / PAGE_BYTES);
  }

  /** Adds a number; returns the index of its word. */
  int(value = 0): number {
    return this.#words.push(value) - 1;
  }

  /** Adds an array to copy in, or the address 0 for null; returns its address. */
  input(values: NumberArray | null): number {
    if (values === null) {
      this.int(0);
      return 0;
    }
    const address = this.scratch(values.byteLength);
    this.#copies.push({ address, values });
    return address;
  }

  /** Adds room that the kernel fills; returns its address. */
  scratch(byteLength: number): number {
    const address = this.#end;
    this.#words.push(address);
    this.#end = align(address + byteLength);
    return address;
  }

  /** Writes words and arrays into a memory of at least `pageCount` pages. */
  write(buffer: ArrayBuffer): void {
    if (this.#words.length > this.#wordCount) throw new RangeError(`A frame of ${this.#wordCount} words is too small.`);
    new Uint32Array(buffer, FRAME_ADDRESS, this.#words.length).set(this.#words);
    for (const { address, values } of this.#copies) {
      const Values = values.constructor as new (buffer: ArrayBuffer, address: number, length: number) => NumberArray;
      new Values(buffer, address, values.length).set(values);
    }
  }

  /** Changes a word before another call. */
  set(buffer: ArrayBuffer, word: number, value: number): void {
    new Int32Array(buffer, FRAME_ADDRESS, this.#wordCount)[word] = value;
  }

  /** Value of a word after the call. */
  read(buffer: ArrayBuffer, word: number): number {
    return new Int32Array(buffer, FRAME_ADDRESS, this.#wordCount)[word];
  }
}

function align(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT;
}

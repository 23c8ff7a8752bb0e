/**
 * The WebAssembly kernels: everything the project runs in linear memory, and its only use of `WebAssembly`.
 *
 * Arrays are copied in and results copied out; no caller ever sees the memory. The module is compiled once per thread;
 * one instance serves all transient calls and keeps the largest memory they needed, each prepared pass has its own.
 */
import '../run/wasm-code.ts';
import { existsSync, readFileSync } from 'node:fs';
import { EgressoError } from '../../errors.ts';
import type { GapInstance } from '../../problem/gap-instance.ts';
import { metered } from '../run/meter.ts';
import type { Frame } from './frame.ts';
import { greedyFrame } from './greedy-frame.ts';
import { STATUS_NAMES, STATUS_OK } from './status.ts';
import { step7Frame } from './step7-frame.ts';
import type { MoveValue, Step7Instance } from './step7-instance.ts';

type KernelName =
  | 'ejection'
  | 'greedy'
  | 'priceLeads'
  | 'pricePrefixes'
  | 'placePrefixes'
  | 'fillPrefixes'
  | 'reinsertPrefixes'
  | 'computeEgress'
  | 'step7'
  | 'moveValues';

/** Takes the address of a frame, returns a status. */
type Kernel = (frame: number) => number;

/** Seen from src/optimizer/kernels and from build/dist/optimizer/kernels. */
const WASM_PLACES = ['../../../build/wasm/kernels.wasm', '../../../wasm/kernels.wasm'];

let compiled: WebAssembly.Module | undefined;
let shared: Kernels | undefined;

function compiledModule(): WebAssembly.Module {
  if (compiled) return compiled;
  const place = WASM_PLACES.map((path) => new URL(path, import.meta.url)).find((url) => existsSync(url));
  if (!place) throw new EgressoError('INTERNAL', 'kernels.wasm is missing: run "npm run build:wasm".');
  compiled = new WebAssembly.Module(readFileSync(place));
  return compiled;
}

/** One instance of the module with its own memory. */
export class Kernels {
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  readonly #functions: Record<KernelName, Kernel>;

  constructor() {
    const instance = new WebAssembly.Instance(compiledModule(), { env: { memory: this.#memory } });
    this.#functions = instance.exports as Record<KernelName, Kernel>;
  }

  get buffer(): ArrayBuffer {
    return this.#memory.buffer;
  }

  /** Copies a frame in. The returned buffer is valid until the next frame. */
  load(frame: Frame): ArrayBuffer {
    this.#sizeFor(frame);
    frame.write(this.buffer);
    return this.buffer;
  }

  /** Runs a kernel on the frame that was loaded last; returns the same buffer. */
  call(name: KernelName, frame: Frame): ArrayBuffer {
    const status = metered('kernels', () => this.#functions[name](frame.address));
    if (status !== STATUS_OK) {
      throw new EgressoError('INTERNAL', `Kernel ${name} ended with status ${STATUS_NAMES[status] ?? status}.`);
    }
    return this.buffer;
  }

  run(name: KernelName, frame: Frame): ArrayBuffer {
    this.load(frame);
    return this.call(name, frame);
  }

  #sizeFor(frame: Frame): void {
    const missing = frame.pageCount - this.#memory.buffer.byteLength / 65536;
    if (missing <= 0) return;
    try {
      this.#memory.grow(missing);
    } catch {
      throw new EgressoError('INTERNAL', `A kernel needs ${frame.pageCount} pages of memory, which are not to be had.`);
    }
  }
}

function transient(): Kernels {
  shared ??= new Kernels();
  return shared;
}

/**
 * GREEDY, FIG. 2 steps 2 to 26: moves jobs off machines above their limit, cheapest increase per unit of relief first.
 *
 * @param limit Float64 [machines], T_s to respect, tolerance included; Infinity where unlimited.
 * @param assignment Int32 [jobs], arc of each job or -1; overwritten with the result.
 * @returns the number of moves, and the jobs in the order in which they moved, each at most once.
 */
export function greedy(
  instance: GapInstance,
  limit: Float64Array,
  assignment: Int32Array,
): { moves: number; movedJobs: Int32Array } {
  const planned = greedyFrame(instance, limit, assignment);
  const buffer = transient().run('greedy', planned.frame);
  assignment.set(new Int32Array(buffer, planned.assignment, assignment.length));
  const moves = planned.frame.read(buffer, planned.moves);
  return { moves, movedJobs: new Int32Array(buffer, planned.movedJobs, moves).slice() };
}

/**
 * The open egress of its prefix that is closest to each pair's ingress.
 *
 * @param open Uint8 [slots], 1 where the slot is open.
 * @param egress Int32 [pairs], overwritten: absolute slot, or -1 where no slot of the prefix is open.
 */
export function computeEgress(instance: Step7Instance, open: Uint8Array, egress: Int32Array): void {
  const { frame, egress: address } = step7Frame(instance, open);
  const buffer = transient().run('computeEgress', frame);
  egress.set(new Int32Array(buffer, address, egress.length));
}

/**
 * Step 7 of MULTIPLEEGRESS, FIG. 4 lines 6 to 45: opens and closes egresses until nothing is overloaded or no move helps.
 *
 * @param open Uint8 [slots], 1 where the slot is open; overwritten with the result.
 * @param egress Int32 [pairs], overwritten as by `computeEgress`.
 */
export function step7(
  instance: Step7Instance,
  open: Uint8Array,
  egress: Int32Array,
): { moves: number; deletes: number; inserts: number } {
  const planned = step7Frame(instance, open);
  const buffer = transient().run('step7', planned.frame);
  open.set(new Uint8Array(buffer, planned.open, open.length));
  egress.set(new Int32Array(buffer, planned.egress, egress.length));
  const deletes = planned.frame.read(buffer, planned.deletes);
  const inserts = planned.frame.read(buffer, planned.inserts);
  return { moves: deletes + inserts, deletes, inserts };
}

/** All admitted moves of Step 7 from the given open sets: prefixes ascending, deletes before inserts, slots ascending. */
export function moveValues(instance: Step7Instance, open: Uint8Array): MoveValue[] {
  const planned = step7Frame(instance, open);
  const buffer = transient().run('moveValues', planned.frame);
  const costDelta = new Float64Array(buffer, planned.costDelta, open.length);
  const overloadDelta = new Float64Array(buffer, planned.overloadDelta, open.length);
  const admitted = new Uint8Array(buffer, planned.admitted, open.length);
  const values: MoveValue[] = [];
  for (let k = 0; k < instance.prefixCount; k++) {
    for (const action of ['delete', 'insert'] as const) {
      for (let slot = instance.egressStart[k]; slot < instance.egressStart[k + 1]; slot++) {
        if (!admitted[slot] || (open[slot] !== 0) !== (action === 'delete')) continue;
        values.push({ slot, action, costDelta: costDelta[slot], overloadDelta: overloadDelta[slot] });
      }
    }
  }
  return values;
}

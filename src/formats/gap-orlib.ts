import { FaultList, shown } from '../model/fault-list.ts';
import { lineFault } from './line-fault.ts';

/** A generalized assignment instance as full tables, every pair allowed; owned by the caller. */
export interface DenseGap {
  readonly machineCount: number;
  readonly jobCount: number;
  /** Float64 [machine × job], row-major, finite. */
  readonly costs: Float64Array;
  /** Float64 [machine × job], row-major, finite, ≥ 0. */
  readonly weights: Float64Array;
  /** Float64 [machine], finite, ≥ 0. */
  readonly capacities: Float64Array;
}

/**
 * Reads a generalized assignment instance in the layout of the OR-Library, numbers separated by any white space:
 *
 *     agents jobs
 *     agents × jobs costs, agent by agent
 *     agents × jobs weights, agent by agent
 *     agents capacities
 *
 * @throws EgressoError FORMAT_INVALID with `/line/N` pointers: no numbers where numbers belong, too few or too many of
 * them, a negative weight or capacity, no agents or no jobs; several instances behind their number, as the OR-Library
 * distributes them.
 */
export function parseGap(text: string, name = 'the instance'): DenseGap {
  const tokens = tokenize(text);
  const size = (index: number, what: string): number => {
    const token = tokens.texts[index] ?? '';
    if (/^[1-9]\d{0,9}$/.test(token)) return Number(token);
    throw lineFault(name, tokens.lines[index] ?? 1, `${shown(token)} is no number of ${what} ≥ 1`);
  };
  const machineCount = size(0, 'agents');
  const jobCount = size(1, 'jobs');
  // The header is believed only as far as there are numbers: nothing is allocated before this.
  const pairCount = machineCount * jobCount;
  const expected = 2 + 2 * pairCount + machineCount;
  if (tokens.texts.length !== expected) {
    refuseCollection(tokens, name);
    const last = tokens.lines[Math.min(expected, tokens.texts.length - 1)];
    throw lineFault(
      name,
      last,
      `${machineCount} agents and ${jobCount} jobs take ${expected} numbers, there are ${tokens.texts.length}`,
    );
  }
  const faults = new FaultList();
  const read = (from: number, count: number, what: string, least: number): Float64Array => {
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const token = tokens.texts[from + i];
      values[i] = parseNumber(token);
      if (!(values[i] >= least)) {
        faults.add(
          `/line/${tokens.lines[from + i]}`,
          `${what} ${shown(token)} is no finite number${least === 0 ? ' ≥ 0' : ''}`,
        );
      }
    }
    return values;
  };
  const costs = read(2, pairCount, 'cost', -Number.MAX_VALUE);
  const weights = read(2 + pairCount, pairCount, 'weight', 0);
  const capacities = read(2 + 2 * pairCount, machineCount, 'capacity', 0);
  if (faults.count > 0) throw faults.toError('FORMAT_INVALID', name);
  return { machineCount, jobCount, costs, weights, capacities };
}

interface Tokens {
  readonly texts: readonly string[];
  /** Of each text, from 1. */
  readonly lines: readonly number[];
}

/** Says so where the text is a number of instances and as many instances, one after the other. */
function refuseCollection({ texts, lines }: Tokens, name: string): void {
  const count = Number(texts[0]);
  let next = 1;
  const firstLines: number[] = [];
  for (let read = 0; read < count && next < texts.length; read++) {
    firstLines.push(lines[next]);
    const [agents, jobs] = [Number(texts[next]), Number(texts[next + 1])];
    if (!(agents >= 1 && jobs >= 1)) return;
    next += 2 + 2 * agents * jobs + agents;
  }
  if (firstLines.length !== count || next !== texts.length) return;
  const places =
    firstLines.length > 1 ? `on lines ${firstLines[0]} to ${firstLines[1] - 1}` : `from line ${firstLines[0]} on`;
  const message = `it has ${count} ${count === 1 ? 'instance' : 'instances'} behind their number, as the OR-Library distributes them; one alone is taken, without that number: the first is ${places}`;
  throw lineFault(name, lines[0], message);
}

/** A decimal number, or NaN; neither hexadecimal nor "Infinity", which Number() would take. */
function parseNumber(text: string): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : Number.NaN;
}

function tokenize(text: string): Tokens {
  const texts: string[] = [];
  const lines: number[] = [];
  text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .forEach((line, index) => {
      for (const token of line.split(/\s+/)) {
        if (token === '') continue;
        texts.push(token);
        lines.push(index + 1);
      }
    });
  return { texts, lines };
}

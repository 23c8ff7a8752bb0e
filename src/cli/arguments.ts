/** How values of options are read: nothing is coerced, what is no number is a fault. */
import { InvalidArgumentError } from 'commander';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

export function number(text: string): number {
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw new InvalidArgumentError('It is no number.');
  return value;
}

/** Seconds on the command line, milliseconds inside. */
export function seconds(text: string): number {
  return notBelowZero(text) * 1000;
}

/** Hours on the command line, milliseconds inside. */
export function hours(text: string): number {
  return notBelowZero(text) * 3_600_000;
}

function notBelowZero(text: string): number {
  const value = number(text);
  if (value < 0) throw new InvalidArgumentError('It is below 0.');
  return value;
}

/** Megabytes on the command line, bytes inside. */
export function megabytes(text: string): number {
  const value = number(text);
  if (value <= 0) throw new InvalidArgumentError('It is not above 0.');
  return Math.floor(value * 1e6);
}

export function count(text: string): number {
  const value = number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It is no whole number from 1.');
  return value;
}

/** "3", or "3-4" for the least and the most. */
export function range(text: string): [number, number] {
  const ends = text.split('-').map(number);
  if (ends.length > 2) throw new InvalidArgumentError('It is no range such as 3-4.');
  return [ends[0], ends[ends.length - 1]];
}

export function port(text: string): number {
  const value = number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65535) {
    throw new InvalidArgumentError('It is no whole number from 0 to 65535.');
  }
  return value;
}

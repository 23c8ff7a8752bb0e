import { expect, it } from 'vitest';
import { formatCount, formatNumber, formatPercent, formatSeconds, printable } from '../../src/cli/numbers.ts';

it.each([
  [null, '–'],
  [0, '0'],
  [1850, '1,850'],
  [1234567.8912, '1,234,567.891'],
  [-3350.5, '-3,350.5'],
  [0.0004, '4.000e-4'],
  [2e15, '2.000e+15'],
])('number %d', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

it.each([
  [null, '–'],
  [0, '0 %'],
  [4e-10, '0 %'],
  [1, '100 %'],
  [0.91666667, '91.67 %'],
  [1.04234, '104.23 %'],
  [0.012345, '1.23 %'],
  [0.00123456, '0.123 %'],
  [0.0000123456, '0.00123 %'],
])('percent %d', (ratio, text) => {
  expect(formatPercent(ratio)).toBe(text);
});

it('seconds and counts', () => {
  expect(formatSeconds(1234)).toBe('1.23 s');
  expect(formatSeconds(12_340)).toBe('12.3 s');
  expect(formatCount(1, 'point')).toBe('1 point');
  expect(formatCount(2000, 'prefix')).toBe('2,000 prefixes');
});

it('text from an input cannot steer a terminal', () => {
  expect(printable('b1\u001b[2J\n\u202e')).toBe('b1\\u001b[2J\\u000a\\u202e');
  expect(printable('Zürich – 東京')).toBe('Zürich – 東京');
});

/** Numbers, and text from inputs, as people read them; the same on every machine. */

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 });
const percentage = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });
const smallPercentage = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });

const NONE = '–';
/** Shares below a billionth are rounding. */
const LEAST_SHARE = 1e-9;

/** 1,234.568; a dash for null. */
export function formatNumber(value: number | null): string {
  if (value === null) return NONE;
  const size = Math.abs(value);
  return size >= 1e15 || (size > 0 && size < 1e-3) ? value.toExponential(3) : grouped.format(value);
}

/** A ratio as 98.21 %, 0.0123 %; a dash for null. */
export function formatPercent(ratio: number | null): string {
  if (ratio === null) return NONE;
  if (Math.abs(ratio) < LEAST_SHARE) return '0 %';
  return `${(Math.abs(ratio) < 0.01 ? smallPercentage : percentage).format(ratio * 100)} %`;
}

export function formatSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`;
}

/** "1 point", "2 points". */
export function formatCount(count: number, noun: string): string {
  return `${grouped.format(count)} ${noun}${count === 1 ? '' : noun.endsWith('x') ? 'es' : 's'}`;
}

/** Text from an input, without the control characters that could steer a terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (char) => {
    return `\\u${char.codePointAt(0)?.toString(16).padStart(4, '0')}`;
  });
}

/** A full table that is made up: /24s one after the other from 1.0.0.0, as most of a real one are /24s. */

/** Prefixes that share their attributes: some six in a real table. */
export const SHARED_BY = 6;
const FIRST_ADDRESS = 0x01000000;

export const prefixAt = (k: number): string => `${addressAt(k, 0)}/24`;

export const addressAt = (k: number, host: number): string => `${1 + (k >>> 16)}.${(k >>> 8) & 255}.${k & 255}.${host}`;

/** As 32 bits. */
export const firstAddressOf = (k: number): number => FIRST_ADDRESS + k * 256;

/** Inverse of `firstAddressOf`. */
export const prefixOf = (address: number): number => (address - FIRST_ADDRESS) >>> 8;

/** As the border router with this number learned it from its provider; plain BGP prefers the first, as its path is the shortest. */
export function asPathAt(k: number, router: number): number[] {
  const origin = Math.floor(k / SHARED_BY);
  const path = [1000 + router, 2000 + (origin % 5000), 200_000 + origin];
  return router === 0 ? path : [...path, 200_000 + origin];
}

export const nextHopAt = (router: number): string => `192.0.2.${router + 1}`;

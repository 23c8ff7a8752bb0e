/** The two media types of the service, and how a request names them (RFC 9110, 8.3, 8.4 and 12.5.1). */
import { EgressoError } from '../errors.ts';
import { COMPRESSIONS, type Compression } from '../formats/compression.ts';

export const JSON_TYPE = 'application/json';
export const MSGPACK_TYPE = 'application/msgpack';
/** In order of preference, where a client has none. */
export const MEDIA_TYPES = [JSON_TYPE, MSGPACK_TYPE] as const;

export type MediaType = (typeof MEDIA_TYPES)[number];

const CHARSET = /^charset="?([^"]*)"?$/i;

/** Media type of a body; parameters but a charset are ignored. Errors: MEDIA_TYPE_UNSUPPORTED. */
export function bodyMediaType(contentType: string | undefined): MediaType {
  if (contentType === undefined) throw unsupported('Content-Type is missing', MEDIA_TYPES);
  const [name, ...parameters] = contentType.split(';');
  const charset = parameters.map((text) => CHARSET.exec(text.trim())?.[1]).find((found) => found !== undefined);
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8') {
    throw unsupported(`the charset ${charset} is not supported`, ['UTF-8']);
  }
  const type = MEDIA_TYPES.find((known) => known === name.trim().toLowerCase());
  if (type === undefined)
    throw unsupported(`Content-Type ${JSON.stringify(contentType)} is not supported`, MEDIA_TYPES);
  return type;
}

/** How a body is compressed; undefined where it is not. Errors: MEDIA_TYPE_UNSUPPORTED. */
export function bodyCompression(contentEncoding = 'identity'): Compression | undefined {
  const name = contentEncoding.trim().toLowerCase();
  if (name === 'identity') return undefined;
  const compression = COMPRESSIONS.find((known) => known === name);
  if (compression !== undefined) return compression;
  throw unsupported(`Content-Encoding ${JSON.stringify(contentEncoding)} is not supported`, COMPRESSIONS);
}

/** Media type of the answer: the best that Accept allows, JSON where both are equally good. Errors: NOT_ACCEPTABLE. */
export function answerMediaType(accept = '*/*'): MediaType {
  const ranges = accept.split(',').map(parseRange);
  let best: MediaType | undefined;
  let bestQuality = 0;
  for (const type of MEDIA_TYPES) {
    const quality = qualityOf(type, ranges);
    if (quality > bestQuality) [best, bestQuality] = [type, quality];
  }
  if (best !== undefined) return best;
  throw new EgressoError(
    'NOT_ACCEPTABLE',
    `Accept ${JSON.stringify(accept)} allows none of ${MEDIA_TYPES.join(', ')}.`,
  );
}

interface MediaRange {
  readonly name: string;
  readonly quality: number;
}

function parseRange(text: string): MediaRange {
  const [name, ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  const quality = weight === undefined ? 1 : Number(weight.slice(2));
  return { name, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

/** The most specific range that matches decides. */
function qualityOf(type: MediaType, ranges: readonly MediaRange[]): number {
  for (const name of [type, 'application/*', '*/*']) {
    const range = ranges.find((candidate) => candidate.name === name);
    if (range !== undefined) return range.quality;
  }
  return 0;
}

function unsupported(reason: string, supported: readonly string[]): EgressoError {
  return new EgressoError('MEDIA_TYPE_UNSUPPORTED', `${reason}; the service takes ${supported.join(' and ')}.`);
}

import { describe, expect, it } from 'vitest';
import { answerMediaType, bodyCompression, bodyMediaType } from '../../src/service/media-type.ts';

describe('the media type of a body', () => {
  it.each([
    ['application/json', 'application/json'],
    ['Application/JSON; charset=utf-8', 'application/json'],
    ['application/json;charset="UTF-8"', 'application/json'],
    ['application/msgpack', 'application/msgpack'],
  ])('%s is %s', (contentType, expected) => {
    expect(bodyMediaType(contentType)).toBe(expected);
  });

  it.each([
    undefined,
    '',
    'application/json; charset=utf-16',
    'text/plain',
    'application/jsonx',
    'application/*',
    'multipart/form-data; boundary=json',
  ])('%s is not supported', (contentType) => {
    expect(() => bodyMediaType(contentType)).toThrow(expect.objectContaining({ code: 'MEDIA_TYPE_UNSUPPORTED' }));
  });
});

describe('the compression of a body', () => {
  it.each([
    [undefined, undefined],
    ['identity', undefined],
    ['gzip', 'gzip'],
    ['GZIP ', 'gzip'],
    ['zstd', 'zstd'],
  ])('%s is %s', (contentEncoding, expected) => {
    expect(bodyCompression(contentEncoding)).toBe(expected);
  });

  it.each(['br', 'deflate', 'gzip, gzip', 'gzip;q=1', ''])('"%s" is not supported', (contentEncoding) => {
    expect(() => bodyCompression(contentEncoding)).toThrow(expect.objectContaining({ code: 'MEDIA_TYPE_UNSUPPORTED' }));
  });
});

describe('the media type of an answer', () => {
  it.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['application/*', 'application/json'],
    ['application/json', 'application/json'],
    ['application/msgpack', 'application/msgpack'],
    ['APPLICATION/MSGPACK', 'application/msgpack'],
    ['text/html, application/msgpack', 'application/msgpack'],
    ['text/html, */*;q=0.1', 'application/json'],
    ['application/msgpack, application/json', 'application/json'],
    ['application/msgpack, application/json;q=0.9', 'application/msgpack'],
    ['application/json;q=0, */*', 'application/msgpack'],
    ['application/msgpack;q=0.5, */*;q=0.1', 'application/msgpack'],
  ])('Accept %s gives %s', (accept, expected) => {
    expect(answerMediaType(accept)).toBe(expected);
  });

  it.each(['text/html', 'application/problem+json', 'application/json;q=0', 'application/json;q=2', ''])(
    'Accept "%s" allows none',
    (accept) => {
      expect(() => answerMediaType(accept)).toThrow(expect.objectContaining({ code: 'NOT_ACCEPTABLE' }));
    },
  );
});

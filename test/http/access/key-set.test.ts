import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { KeySet } from '../../../src/http/access/key-set.ts';

const KEY = 'a'.repeat(32);
const OTHER = 'b'.repeat(32);
const parse = (entries: unknown) => KeySet.parse(JSON.stringify(entries), 'keys.json');

describe('a set of keys', () => {
  it('knows a caller by its key, or by the hash of it', () => {
    const sha256 = createHash('sha256').update(OTHER).digest('hex');
    const keys = parse([
      { id: 'planner', role: 'solve', key: KEY, requestsPerMinute: 90, burst: 7, memoryMegabytes: 2 },
      { id: 'root', role: 'admin', sha256 },
    ]);
    const limits = { requestsPerMinute: 90, burst: 7, memoryBytes: 2e6 };
    expect(keys.callerOf(KEY)).toEqual({ id: 'planner', role: 'solve', ...limits });
    expect(keys.callerOf(OTHER)).toMatchObject({ id: 'root', role: 'admin', requestsPerMinute: Infinity });
    for (const wrong of ['', 'c'.repeat(32), KEY.slice(1), `${KEY}a`, sha256, 'root']) {
      expect(keys.callerOf(wrong)).toBeUndefined();
    }
  });

  it('allows a burst of what one second may send', () => {
    const keys = parse([
      { id: 'a', role: 'solve', key: KEY, requestsPerMinute: 600 },
      { id: 'b', role: 'solve', key: OTHER, requestsPerMinute: 6 },
    ]);
    expect(keys.callerOf(KEY)?.burst).toBe(10);
    expect(keys.callerOf(OTHER)?.burst).toBe(1);
  });

  const good = { id: 'planner', role: 'solve', key: KEY };
  it.each([
    ['no list', {}, ['']],
    ['an empty list', [], ['']],
    ['a short key', [{ ...good, key: 'short' }], ['/0/key']],
    ['a key with a space', [{ ...good, key: `${KEY} ${KEY}` }], ['/0/key']],
    ['an unknown role', [{ ...good, role: 'root' }], ['/0/role']],
    ['an id that is no name', [{ ...good, id: 'A planner' }], ['/0/id']],
    ['an unknown property', [{ ...good, rate: 1 }], ['/0/rate']],
    ['no rate', [{ ...good, requestsPerMinute: 0 }], ['/0/requestsPerMinute']],
    ['neither key nor hash', [{ id: 'planner', role: 'solve' }], ['/0']],
    ['both key and hash', [{ ...good, sha256: '0'.repeat(64) }], ['/0']],
    ['an id twice', [good, { ...good, key: OTHER }], ['/1/id']],
    ['a key twice', [good, { ...good, id: 'other' }], ['/1/key']],
    ['two faults', [good, { ...good, role: 1, key: 2 }], ['/1/key', '/1/role']],
  ])('tells the faults of %s, and never a key', (_name, entries, pointers) => {
    const error = thrownBy(() => parse(entries));
    expect(error).toMatchObject({ code: 'FORMAT_INVALID' });
    expect(error.errors?.map(({ pointer }) => pointer).sort()).toEqual(pointers);
    expect(JSON.stringify([error.message, error.errors])).not.toMatch(/aaaa|bbbb/);
  });

  it('says of what is no JSON whose fault it is', () => {
    expect(thrownBy(() => KeySet.parse('[{', 'EGRESSO_KEYS')).message).toMatch(/^EGRESSO_KEYS is not valid JSON$/);
  });
});

function thrownBy(act: () => unknown): { message: string; errors?: { pointer: string }[] } {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

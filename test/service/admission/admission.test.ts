import { describe, expect, it } from 'vitest';
import { EgressoError } from '../../../src/errors.ts';
import { type Caller, LOCAL_CALLER } from '../../../src/http/access/caller.ts';
import { Admission } from '../../../src/service/admission/admission.ts';
import { memoryBudget } from '../../../src/service/admission/memory-budget.ts';
import { heaviestBody, requestWeight } from '../../../src/service/admission/request-weight.ts';

const weight = (bodyBytes: number, workingBytes: number) => ({ bodyBytes, workingBytes });

/** `places` of them, two threads, 1,000 bytes of memory. */
function admission(places = 100): { admission: Admission; taken: () => number; pass: (ms: number) => void } {
  let taken = 0;
  let now = 0;
  const takePlace = (): Disposable => {
    if (taken === places) throw new EgressoError('SERVICE_BUSY', 'full');
    taken++;
    return { [Symbol.dispose]: () => void taken-- };
  };
  return {
    admission: new Admission({ takePlace, threads: 2, memoryBytes: 1000, now: () => now }),
    taken: () => taken,
    pass: (ms) => {
      now += ms;
    },
  };
}

const busy = expect.objectContaining({ code: 'SERVICE_BUSY', retryAfterSeconds: 1 });

describe('admission', () => {
  it('counts all bodies, and the work of as many as run at one time', () => {
    const { admission: gate } = admission();
    const places = [200, 300, 100].map((working) => gate.admit(LOCAL_CALLER, weight(50, working)));
    expect(gate.memoryBytes).toBe(3 * 50 + 200 + 300);
    expect(() => gate.admit(LOCAL_CALLER, weight(50, 501))).toThrow(busy);
    places.push(gate.admit(LOCAL_CALLER, weight(50, 500)));
    expect(gate.memoryBytes).toBe(1000);
    for (const place of places) for (let twice = 0; twice < 2; twice++) place[Symbol.dispose]();
    expect(gate.memoryBytes).toBe(0);
  });

  it('looks ahead without taking anything', () => {
    const { admission: gate, taken } = admission(1);
    gate.expect(LOCAL_CALLER, weight(1, 1));
    expect([taken(), gate.memoryBytes]).toEqual([0, 0]);
    gate.admit(LOCAL_CALLER, weight(1, 1));
    expect(() => gate.expect(LOCAL_CALLER, weight(1, 1))).toThrow(busy);
    expect(() => gate.admit(LOCAL_CALLER, weight(1, 1))).toThrow(busy);
    expect(taken()).toBe(1);
  });

  it('counts what is arriving, until it has arrived or does not', () => {
    const { admission: gate } = admission();
    const arrival = gate.arriving(LOCAL_CALLER);
    arrival.add(600);
    expect(() => gate.admit(LOCAL_CALLER, weight(100, 301))).toThrow(busy);
    expect(() => arrival.add(401)).toThrow(busy);
    arrival[Symbol.dispose]();
    arrival[Symbol.dispose]();
    expect(gate.memoryBytes).toBe(0);
  });

  it('counts what is arriving with what its key may have', () => {
    const { admission: gate } = admission();
    const small: Caller = { ...LOCAL_CALLER, id: 'small', memoryBytes: 100 };
    const arrivals = [gate.arriving(small), gate.arriving(small), gate.arriving(LOCAL_CALLER)];
    for (const arrival of arrivals) arrival.add(50);
    const limited = expect.objectContaining({ code: 'MEMORY_LIMITED' });
    expect(() => arrivals[0].add(1)).toThrow(limited);
    expect(() => gate.admit(small, weight(1, 1))).toThrow(limited);
    for (const arrival of arrivals) arrival[Symbol.dispose]();
    gate.admit(small, weight(1, 1));
  });

  it('counts jobs, and tells when there is more room', () => {
    const { admission: gate, taken } = admission();
    let told = 0;
    gate.onRoom(() => told++);
    const small: Caller = { ...LOCAL_CALLER, id: 'small', memoryBytes: 100 };
    const job = gate.hold(small, weight(10, 60));
    expect([taken(), gate.memoryBytes]).toEqual([0, 70]);
    expect(gate.obstacle(small, weight(10, 60))).toBe('holder');
    expect(gate.obstacle(small, weight(10, 91))).toBe('size');
    expect(gate.obstacle(LOCAL_CALLER, weight(10, 930))).toBe('all');
    expect(gate.obstacle(LOCAL_CALLER, weight(10, 920))).toBeNull();
    for (let twice = 0; twice < 2; twice++) job[Symbol.dispose]();
    expect([told, gate.memoryBytes]).toEqual([1, 0]);
  });

  it('refuses for good what could never fit', () => {
    const { admission: gate } = admission();
    const small: Caller = { ...LOCAL_CALLER, id: 'small', memoryBytes: 100 };
    for (const [caller, working] of [
      [LOCAL_CALLER, 1000],
      [small, 100],
    ] as const) {
      expect(() => gate.expect(caller, weight(1, working))).toThrow(
        expect.objectContaining({ code: 'BODY_TOO_LARGE' }),
      );
    }
  });

  it('keeps each caller to its memory', () => {
    const { admission: gate } = admission();
    const small: Caller = { ...LOCAL_CALLER, id: 'small', memoryBytes: 100 };
    const held = gate.admit(small, weight(10, 50));
    const limited = expect.objectContaining({ code: 'MEMORY_LIMITED', retryAfterSeconds: 1 });
    expect(() => gate.admit(small, weight(10, 50))).toThrow(limited);
    gate.admit({ ...small, id: 'another' }, weight(10, 50));
    held[Symbol.dispose]();
    gate.admit(small, weight(10, 50));
  });

  it('says to come again after as long as requests have stayed lately', () => {
    const { admission: gate, pass } = admission(1);
    for (let i = 0; i < 50; i++) {
      const place = gate.admit(LOCAL_CALLER, weight(1, 1));
      pass(7300);
      place[Symbol.dispose]();
    }
    gate.admit(LOCAL_CALLER, weight(1, 1));
    expect(() => gate.expect(LOCAL_CALLER, weight(1, 1))).toThrow(expect.objectContaining({ retryAfterSeconds: 8 }));
  });
});

it('a request weighs more than its body, and more in rows than in columns', () => {
  const [none, rows, columns] = [
    requestWeight(0, 'application/json'),
    requestWeight(1e6, 'application/json'),
    requestWeight(1e6, 'application/msgpack'),
  ];
  expect(none.workingBytes).toBeGreaterThan(0);
  expect(columns.workingBytes).toBeGreaterThan(10e6);
  expect(rows.workingBytes).toBeGreaterThan(columns.workingBytes);
});

it.each(['application/json', 'application/msgpack'] as const)('the heaviest body fits, %s', (type) => {
  const sum = (bytes: number) => bytes + requestWeight(bytes, type).workingBytes;
  const largest = heaviestBody(1e9, type);
  expect(sum(largest)).toBeLessThanOrEqual(1e9);
  expect(sum(largest + 1)).toBeGreaterThan(1e9);
  expect(heaviestBody(1, type)).toBe(0);
});

it('the budget leaves room for the threads', () => {
  expect(memoryBudget(1)).toBeGreaterThan(memoryBudget(4));
  expect(memoryBudget(10_000)).toBeGreaterThan(0);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Caller, LOCAL_CALLER } from '../../../src/http/access/caller.ts';
import { RateLimiter } from '../../../src/http/access/rate-limiter.ts';

const caller = (requestsPerMinute: number, burst: number, id = 'a'): Caller => ({
  ...LOCAL_CALLER,
  id,
  requestsPerMinute,
  burst,
});

describe('the limit on requests', () => {
  it('lets a burst pass, then one each interval, and says when', () => {
    const limiter = new RateLimiter();
    const planner = caller(60, 3);
    expect([0, 0, 0, 0].map(() => limiter.take(planner, 5000))).toEqual([0, 0, 0, 1000]);
    expect(limiter.take(planner, 5400)).toBe(600);
    expect(limiter.take(planner, 6000)).toBe(0);
    expect(limiter.take(planner, 6000)).toBe(1000);
  });

  it('is of each caller by itself, and none without a rate', () => {
    const limiter = new RateLimiter();
    expect(limiter.take(caller(1, 1, 'a'), 0)).toBe(0);
    expect(limiter.take(caller(1, 1, 'b'), 0)).toBe(0);
    expect(limiter.take(caller(1, 1, 'a'), 0)).toBe(60_000);
    for (let i = 0; i < 1000; i++) expect(limiter.take(LOCAL_CALLER, 0)).toBe(0);
  });

  it('never lets more pass than rate and burst allow, and always what it promised', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6000 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.nat(3000), { minLength: 1, maxLength: 200 }),
        (rate, burst, pauses) => {
          const limiter = new RateLimiter();
          let now = 1e6;
          let taken = 0;
          for (const pause of pauses) {
            now += pause;
            const wait = limiter.take(caller(rate, burst), now);
            if (wait > 0) {
              now += Math.ceil(wait);
              expect(limiter.take(caller(rate, burst), now)).toBe(0);
            }
            taken++;
            expect(taken).toBeLessThanOrEqual(burst + ((now - 1e6) * rate) / 60_000 + 1e-6);
          }
        },
      ),
    );
  });
});

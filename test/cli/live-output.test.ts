import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { LiveOutput } from '../../src/cli/live-output.ts';

it('leaves out what comes while a text is not taken', async () => {
  const taken: string[] = [];
  let take: (error?: Error) => void = () => {};
  const stream = new Writable({
    write(chunk, _, done) {
      taken.push(String(chunk));
      take = done;
    },
  });
  stream.on('error', () => {});
  const output = new LiveOutput(stream);
  output.offer(() => 'first');
  output.offer(() => {
    throw new Error('is not made');
  });
  take();
  await new Promise((resolve) => setImmediate(resolve));
  output.offer(() => 'third');
  expect(taken).toEqual(['first', 'third']);
  // A disk that is full ends nothing.
  take(new Error('ENOSPC'));
  await new Promise((resolve) => setImmediate(resolve));
  output.offer(() => 'fourth');
});

it('ends with what comes last, taken or not', async () => {
  const taken: string[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      taken.push(String(chunk));
      if (taken.length === 1) done();
    },
  });
  const output = new LiveOutput(stream);
  await output.finish('last');
  expect(taken).toEqual(['last']);
  const started = performance.now();
  // Nobody takes it any more.
  await output.finish('more');
  expect(performance.now() - started).toBeGreaterThan(500);
});

/** Server-sent events over a real connection. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type JobApp, startJobApp } from './job-app.ts';

let jobs: JobApp;
let url: string;
beforeEach(async () => {
  jobs = await startJobApp();
  url = await jobs.app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(() => jobs[Symbol.asyncDispose]());

interface Event {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: { readonly state?: string; readonly place?: number; readonly phase?: string };
}

/** Reads events until the stream ends, or `enough` says so. */
async function listen(id: string, lastId?: string, enough = (_event: Event) => false): Promise<Event[]> {
  const client = new AbortController();
  const headers = lastId === undefined ? {} : { 'last-event-id': lastId };
  const response = await fetch(`${url}/v1/jobs/${id}/events`, { headers, signal: client.signal });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const events: Event[] = [];
  let text = '';
  for await (const chunk of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() as string;
    events.push(...blocks.flatMap(parse));
    if (events.some(enough)) break;
  }
  client.abort();
  return events;
}

function parse(block: string): Event[] {
  const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
  const data = fields.get('data');
  return data === undefined
    ? []
    : [{ id: fields.get('id'), event: fields.get('event') as string, data: JSON.parse(data) }];
}

const told = (events: readonly Event[]): string[] =>
  events.map(({ event, data }) => `${event} ${data.state ?? data.phase ?? data.place}`);

it('tells place, states and progress, and ends with the job', async () => {
  const held = await jobs.accepted('hold');
  await jobs.untilState(held, 'running');
  const id = await jobs.accepted('find 0');
  const listening = listen(id);
  await jobs.cancel(held);
  const events = await listening;
  expect(told(events)).toEqual(['state queued', 'queue 0', 'state running', 'progress finding', 'state done']);
  const ids = events.filter(({ event }) => event !== 'queue').map((event) => event.id);
  expect(ids).toEqual(['queued.0', 'running.1', expect.stringMatching(/^running\.1\/\d+$/), 'done.1']);
});

it('goes on after the last event that the client has seen', async () => {
  const id = await jobs.accepted('find 0');
  const first = await listen(id, undefined, ({ data }) => data.state === 'running');
  const seen = first.findLast(({ id }) => id !== undefined)?.id as string;
  await jobs.untilState(id, 'done');
  const rest = await listen(id, seen);
  expect(told(first).at(-1)).toBe('state running');
  expect(told(rest)).toEqual(['state done']);
  const ended = await fetch(`${url}/v1/jobs/${id}/events`, { headers: { 'last-event-id': rest.at(-1)?.id as string } });
  expect(ended.status).toBe(204);
});

it('goes on in the next process', async () => {
  const held = await jobs.accepted('hold');
  const started = await listen(held, undefined, ({ data }) => data.state === 'running');
  const done = await jobs.accepted('echo');
  jobs = await jobs.reopen();
  url = await jobs.app.listen({ host: '127.0.0.1', port: 0 });
  const again = await listen(held, started.at(-1)?.id, ({ data }) => data.state === 'running');
  expect(started.at(-1)?.id).toBe('running.1');
  // A new attempt is a new state.
  expect(again.at(-1)?.id).toBe('running.2');
  await jobs.cancel(held);
  await jobs.untilState(done, 'done');
  jobs = await jobs.reopen();
  url = await jobs.app.listen({ host: '127.0.0.1', port: 0 });
  const events = await listen(done);
  expect(told(events)).toEqual(['state done']);
  expect(
    (await fetch(`${url}/v1/jobs/${done}/events`, { headers: { 'last-event-id': `${events[0].id}` } })).status,
  ).toBe(204);
});

it('does not keep the service from closing', async () => {
  const held = await jobs.accepted('hold');
  const { promise: open, resolve } = Promise.withResolvers<void>();
  const listening = listen(held, undefined, () => {
    resolve();
    return false;
  });
  await open;
  await jobs.untilState(held, 'running');
  await jobs.app.close();
  expect(told(await listening).at(-1)).toMatch(/^state (running|queued)$/);
});

it('is no client gone before the answer where a listener leaves in the middle', async () => {
  const held = await jobs.accepted('hold');
  await listen(held, undefined, ({ data }) => data.state === 'running');
  const answers = async (): Promise<string[]> => {
    const { body } = await jobs.app.inject('/metrics');
    const found = body.matchAll(
      /request_duration_seconds_count{method="GET",route="\/v1\/jobs\/:id\/events",(.*)} (\d+)/g,
    );
    return [...found].map(([, status, count]) => `${status} ${count}`);
  };
  await vi.waitFor(async () => expect(await answers()).toEqual(['status="200" 1']), { timeout: 10_000 });
  await jobs.cancel(held);
});

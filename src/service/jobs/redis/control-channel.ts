/** What is asked of the process that runs a job: to end it, or for its best plan so far. */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Answer, Failure } from '../../task.ts';
import { orUnavailable, PREFIX } from './connection.ts';

const CHANNEL = `${PREFIX}:control`;
const REPLY_SECONDS = 5;

type Message =
  | { readonly kind: 'cancel'; readonly id: string }
  | { readonly kind: 'best'; readonly id: string; readonly reply: string };

export interface ControlListener {
  cancel(id: string): void;
  bestPlan(id: string): Promise<Answer | null>;
}

/** `subscriber` is a connection that does nothing else but listen. */
export function listenForControl(redis: Redis, subscriber: Redis, listener: ControlListener): void {
  subscriber.subscribe(CHANNEL).catch(() => {});
  subscriber.on('message', (channel: string, text: string) => {
    if (channel !== CHANNEL) return;
    const message = JSON.parse(text) as Message;
    if (message.kind === 'cancel') listener.cancel(message.id);
    else void answerBest(redis, listener, message.id, message.reply).catch(() => {});
  });
}

export async function askToCancel(redis: Redis, id: string): Promise<void> {
  const message: Message = { kind: 'cancel', id };
  await orUnavailable(redis.publish(CHANNEL, JSON.stringify(message)));
}

/** Null where nobody runs the job, or answers. */
export async function askForBest(redis: Redis, id: string): Promise<Answer | null> {
  const reply = `${PREFIX}:reply:${randomUUID()}`;
  const message: Message = { kind: 'best', id, reply };
  // The answer keeps its connection waiting.
  const waiting = redis.duplicate({
    enableOfflineQueue: true,
    maxRetriesPerRequest: 1,
    commandTimeout: 2000 * REPLY_SECONDS,
  });
  waiting.on('error', () => {});
  try {
    await orUnavailable(redis.publish(CHANNEL, JSON.stringify(message)));
    const answer = await orUnavailable(waiting.blpopBuffer(reply, REPLY_SECONDS));
    return answer === null ? null : decoded(answer[1]);
  } finally {
    waiting.disconnect();
  }
}

async function answerBest(redis: Redis, listener: ControlListener, id: string, reply: string): Promise<void> {
  const answer = await listener.bestPlan(id);
  if (answer === null) return;
  await redis.rpush(reply, encoded(answer));
  await redis.expire(reply, REPLY_SECONDS);
}

/** A plan is its bytes after a 1; a fault is JSON after a 0. */
function encoded(answer: Answer): Buffer {
  if (answer.ok) return Buffer.concat([Buffer.of(1), new Uint8Array(answer.body)]);
  return Buffer.concat([Buffer.of(0), Buffer.from(JSON.stringify(answer))]);
}

function decoded(bytes: Buffer): Answer {
  const rest = bytes.subarray(1);
  if (bytes[0] === 0) return JSON.parse(rest.toString()) as Failure;
  return { ok: true, body: new Uint8Array(rest).buffer, timing: { decode: 0, run: 0, encode: 0 } };
}

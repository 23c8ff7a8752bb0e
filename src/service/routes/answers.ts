/** Answers as the OpenAPI document describes them. */
import { STATUS_CODES } from 'node:http';
import type { TSchema } from 'typebox';
import { PROBLEM_TYPE, ProblemSchema } from '../../http/problem.ts';
import type { Examples } from '../examples.ts';
import { JSON_TYPE, MEDIA_TYPES } from '../media-type.ts';

/** Every problem that a request with a body may meet. */
const PROBLEM_STATUSES = [400, 401, 403, 406, 408, 413, 415, 429, 500, 503, 504];

/** One schema for both media types. Examples are shown as JSON. */
export function inBothTypes(description: string, schema: TSchema, examples?: Examples): object {
  const content = Object.fromEntries(MEDIA_TYPES.map((type) => [type, { schema }]));
  // The way of @fastify/swagger to say `examples` of a media type.
  if (examples !== undefined) content[JSON_TYPE] = { schema: { ...schema, 'x-examples': examples } };
  return { description, content };
}

export function inJson(description: string, schema: TSchema): object {
  return { description, content: { [JSON_TYPE]: { schema } } };
}

export function problemAnswers(...statuses: number[]): Record<number, object> {
  const answer = (status: number) => ({
    description: STATUS_CODES[status],
    content: { [PROBLEM_TYPE]: { schema: ProblemSchema } },
  });
  return Object.fromEntries(statuses.map((status) => [status, answer(status)]));
}

export function solverAnswers(description: string, schema: TSchema): Record<number, object> {
  return { 200: inBothTypes(description, schema), ...problemAnswers(...PROBLEM_STATUSES) };
}

/** Problem documents (RFC 9457): the one form in which a fault leaves the service, and the manager. */
import { type Static, Type } from 'typebox';
import { EgressoError, ERROR_CATALOG, type ErrorCode } from '../errors.ts';

export const PROBLEM_TYPE = 'application/problem+json';

export const ProblemSchema = Type.Object(
  {
    type: Type.String({
      description: 'A name of the kind of problem, /problems/ and its code; nothing is served there.',
    }),
    title: Type.String({ description: 'The same for every problem of this type.' }),
    status: Type.Integer({ description: 'The HTTP status.' }),
    detail: Type.String({ description: 'What is wrong in this request.' }),
    code: Type.Enum(Object.keys(ERROR_CATALOG) as ErrorCode[]),
    errors: Type.Array(
      Type.Object({ pointer: Type.String({ description: 'JSON pointer into the body.' }), message: Type.String() }),
      { description: 'The faults, the first 1,000 of them.' },
    ),
    errorCount: Type.Integer({ description: 'How many faults there are, listed or not.' }),
  },
  { additionalProperties: false, description: 'A problem document (RFC 9457).' },
);

export type Problem = Static<typeof ProblemSchema>;

type Fault = Pick<EgressoError, 'code' | 'message' | 'errors' | 'errorCount'>;

export function problemOf({ code, message, errors, errorCount }: Fault): Problem {
  const { title, status } = ERROR_CATALOG[code];
  return { type: `/problems/${code}`, title, status, detail: message, code, errors: [...errors], errorCount };
}

/** Codes of Fastify and of Node's HTTP parser that have a code of their own here. */
const KNOWN_CODES: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE_UNSUPPORTED',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
};

/** Whatever was thrown, as a fault of the catalog. What nobody foresaw says nothing: its message may tell too much. */
export function asEgressoError(error: unknown): EgressoError {
  if (error instanceof EgressoError) return error;
  const { code, statusCode = 500, message = '' } = error as { code?: string; statusCode?: number; message?: string };
  const known = KNOWN_CODES[code ?? ''];
  if (known !== undefined) return new EgressoError(known, message);
  if (statusCode >= 400 && statusCode < 500) return new EgressoError('REQUEST_INVALID', message);
  return new EgressoError('INTERNAL', 'an internal error occurred; the log has it');
}

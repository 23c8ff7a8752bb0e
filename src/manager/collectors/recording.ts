/**
 * Recordings: JSON lines, maybe gzip. The first says what it is, each other one is a moment; moments come in order.
 *
 *     {"format":"egresso-recording","version":1,"note":"where it is from"}
 *     {"atMs":0,"routes":[…],"withdrawn":[…],"counters":[…],"flows":[…]}
 *
 * Every list may be left out. Routes stay until they are withdrawn; counters and flows are of the moment.
 */
import { type Static, Type } from 'typebox';
import Value from 'typebox/value';
import { EgressoError } from '../../errors.ts';
import { type Input, inputName, readText } from '../../formats/input.ts';
import { ORIGINS } from '../../model/network-model.ts';

const closed = { additionalProperties: false } as const;

const MomentSchema = Type.Object(
  {
    atMs: Type.Number({ minimum: 0, description: 'Since the start of the recording.' }),
    routes: Type.Optional(
      Type.Array(
        Type.Object(
          {
            prefix: Type.String(),
            point: Type.String(),
            nextHop: Type.String(),
            asPath: Type.Array(Type.Integer({ minimum: 0, maximum: 4294967295 })),
            origin: Type.Optional(Type.Enum([...ORIGINS])),
            med: Type.Optional(Type.Integer({ minimum: 0, maximum: 4294967295 })),
            localPref: Type.Optional(Type.Integer({ minimum: 0, maximum: 4294967295 })),
            communities: Type.Optional(Type.Array(Type.String())),
          },
          closed,
        ),
      ),
    ),
    withdrawn: Type.Optional(Type.Array(Type.Object({ prefix: Type.String(), point: Type.String() }, closed))),
    counters: Type.Optional(
      Type.Array(
        Type.Object(
          {
            point: Type.String(),
            octets: Type.String({ pattern: '^\\d{1,20}$', description: 'Out, of 64 bits.' }),
            upTime: Type.Integer({ minimum: 0, description: 'Hundredths of a second.' }),
          },
          closed,
        ),
      ),
    ),
    flows: Type.Optional(
      Type.Array(
        Type.Object(
          {
            point: Type.String(),
            destination: Type.String(),
            bytes: Type.Number({ minimum: 0 }),
            packets: Type.Number({ minimum: 0 }),
          },
          closed,
        ),
      ),
    ),
  },
  closed,
);

export type Moment = Static<typeof MomentSchema>;

export interface Recording {
  readonly note: string;
  readonly moments: readonly Moment[];
}

const HeaderSchema = Type.Object(
  { format: Type.Literal('egresso-recording'), version: Type.Literal(1), note: Type.String() },
  closed,
);

/** Errors: FILE_UNREADABLE; FORMAT_INVALID, which names the line. */
export async function readRecording(input: Input): Promise<Recording> {
  const lines = (await readText(input)).trimEnd().split('\n');
  const header = parsed(HeaderSchema, lines[0], 1, input);
  const moments = lines.slice(1).map((line, at) => parsed(MomentSchema, line, at + 2, input));
  moments.forEach(({ atMs }, at) => {
    if (at > 0 && atMs <= moments[at - 1].atMs) throw invalid(input, at + 2, '/atMs must be later than the one before');
  });
  return { note: header.note, moments };
}

function parsed<T extends typeof HeaderSchema | typeof MomentSchema>(
  schema: T,
  line: string,
  at: number,
  input: Input,
): Static<T> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw invalid(input, at, 'is no JSON');
  }
  const [fault] = Value.Errors(schema, value);
  if (fault !== undefined) throw invalid(input, at, `${fault.instancePath} ${fault.message}`);
  return value as Static<T>;
}

function invalid(input: Input, line: number, message: string): EgressoError {
  return new EgressoError('FORMAT_INVALID', `${inputName(input)}, line ${line}: ${message}`);
}

/**
 * Recordings: JSON lines, maybe gzip. The first says what it is, each other one is a moment; moments come in order.
 *
 *     {"format":"egresso-recording","version":1,"note":"where it is from"}
 *     {"atMs":0,"routes":[…],"withdrawn":[…],"counters":[…],"flows":[…]}
 *
 * Every list may be left out. Routes stay until they are withdrawn; counters and flows are of the moment. Times are by any clock, that
 * of the wall too: the first moment is the start.
 */
import { type Static, Type } from 'typebox';
import { EgressoError } from '../../errors.ts';
import { type Input, inputName, readText } from '../../formats/input.ts';
import { ORIGINS } from '../../model/network-model.ts';
import { nextHopFault } from '../point-addresses.ts';
import { schemaFaults } from '../schema-faults.ts';
import { plainAddress, prefixWords } from '../telemetry/ip-words.ts';

const closed = { additionalProperties: false } as const;
/** ifHCOutOctets (RFC 2863). */
const MOST_OCTETS = 2n ** 64n - 1n;

const MomentSchema = Type.Object(
  {
    atMs: Type.Number({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'As read: since the start of the recording.',
    }),
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
            communities: Type.Optional(Type.Array(Type.String({ pattern: '^\\d{1,5}:\\d{1,5}$' }))),
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

/** `points`: all that it may name. Errors: FILE_UNREADABLE; FORMAT_INVALID, which names line and field. */
export async function readRecording(input: Input, points: readonly string[]): Promise<Recording> {
  const lines = (await readText(input)).trimEnd().split('\n');
  const header = parsed(HeaderSchema, lines[0], 1, input);
  const moments = lines.slice(1).map((line, at) => parsed(MomentSchema, line, at + 2, input));
  moments.forEach(({ atMs }, at) => {
    if (at > 0 && atMs <= moments[at - 1].atMs) throw invalid(input, at + 2, '/atMs must be later than the one before');
  });
  if (moments.length < 2)
    throw invalid(input, lines.length, 'must be followed by two moments at least, as nothing is decided else');
  const known = new Set(points);
  moments.forEach((moment, at) => {
    const fault = momentFault(moment, known);
    if (fault !== null) throw invalid(input, at + 2, fault);
  });
  const startMs = moments[0].atMs;
  return { note: header.note, moments: moments.map((moment) => plain(moment, startMs)) };
}

/** Times since the start, addresses as they are compared. */
function plain({ atMs, routes, flows, ...rest }: Moment, startMs: number): Moment {
  return {
    ...rest,
    atMs: atMs - startMs,
    ...(routes !== undefined && {
      routes: routes.map((one) => ({ ...one, nextHop: plainAddress(one.nextHop) ?? one.nextHop })),
    }),
    ...(flows !== undefined && {
      flows: flows.map((one) => ({ ...one, destination: plainAddress(one.destination) ?? one.destination })),
    }),
  };
}

/** The first of what a schema does not see: points, prefixes and addresses that are none. */
function momentFault(
  { routes = [], withdrawn = [], counters = [], flows = [] }: Moment,
  points: ReadonlySet<string>,
): string | null {
  for (const [name, list] of Object.entries({ routes, withdrawn, counters, flows })) {
    const at = list.findIndex(({ point }) => !points.has(point));
    if (at >= 0) return `/${name}/${at}/point must be one of the configuration, not ${JSON.stringify(list[at].point)}`;
  }
  for (const [name, list] of Object.entries({ routes, withdrawn })) {
    const at = list.findIndex(({ prefix }) => prefixWords(prefix) === null);
    if (at >= 0) return `/${name}/${at}/prefix must be an IP prefix without host bits`;
  }
  const hop = routes.findIndex(({ nextHop }) => nextHopFault(nextHop) !== null);
  if (hop >= 0) return `/routes/${hop}/nextHop ${nextHopFault(routes[hop].nextHop)}`;
  const counter = counters.findIndex(({ octets }) => BigInt(octets) > MOST_OCTETS);
  if (counter >= 0) return `/counters/${counter}/octets must be of 64 bits, not ${counters[counter].octets}`;
  const flow = flows.findIndex(({ destination }) => plainAddress(destination) === null);
  return flow < 0 ? null : `/flows/${flow}/destination must be an IP address`;
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
  const [fault] = schemaFaults(schema, value);
  if (fault !== undefined) throw invalid(input, at, `${fault.pointer} ${fault.message}`.trim());
  return value as Static<T>;
}

function invalid(input: Input, line: number, message: string): EgressoError {
  return new EgressoError('FORMAT_INVALID', `${inputName(input)}, line ${line}: ${message}`);
}

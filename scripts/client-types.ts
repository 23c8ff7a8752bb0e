/** The types of the TypeScript client, from the OpenAPI document. */

export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

interface Parameter {
  readonly in: string;
  readonly name: string;
  readonly schema: Schema;
}

type Contents = Readonly<Record<string, { readonly schema?: Schema }>>;

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Contents };
  readonly responses: Readonly<Record<string, { readonly content?: Contents }>>;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** `named`: schemas that become types of their own wherever they stand. */
export function clientTypes({ paths }: OpenApiDocument, named: Readonly<Record<string, Schema>>): string {
  const names = new Map(Object.entries(named).map(([name, schema]) => [typeOf(schema, new Map()), name]));
  const types = Object.entries(named).map(([name, schema]) => {
    const others = new Map([...names].filter(([, other]) => other !== name));
    return `${comment(schema)}export type ${name} = ${typeOf(schema, others)};\n`;
  });
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const summary = operation.summary === undefined ? '' : `/** ${operation.summary} */\n`;
      return `${summary}${JSON.stringify(`${method.toUpperCase()} ${path}`)}: ${operationType(operation, names)};`;
    }),
  );
  return [
    '/** Generated from the OpenAPI document by `npm run client`; a test holds the two together. Not edited, and of any length: it is one document. */\n',
    ...types,
    `/** What each operation takes and gives. */\nexport interface Operations {\n${operations.join('\n')}\n}\n`,
  ].join('\n');
}

function operationType({ parameters = [], requestBody, responses }: Operation, names: Map<string, string>): string {
  const members = ['path', 'query', 'header'].flatMap((place) => {
    const own = parameters.filter((parameter) => parameter.in === place);
    if (own.length === 0) return [];
    const optional = place === 'path' ? '' : '?';
    return `${place}${optional}: { ${own.map(({ name, schema }) => `${key(name)}${optional}: ${typeOf(schema, names)}`).join('; ')} }`;
  });
  const body = requestBody?.content['application/json']?.schema;
  if (body !== undefined) members.push(`body: ${typeOf(body, names)}`);
  const answers = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, { content = {} }]) => answerType(content, names));
  return `{ ${[...members, `answer: ${union(answers)}`].join('; ')} }`;
}

/** Text where the answer is no JSON: lines, events, metrics. */
function answerType(content: Contents, names: Map<string, string>): string {
  const schema = content['application/json']?.schema;
  if (schema !== undefined) return typeOf(schema, names);
  return Object.keys(content).length === 0 ? 'null' : 'string';
}

function typeOf(schema: Schema, names: Map<string, string>): string {
  const text = plainTypeOf(schema, names);
  return names.get(plainTypeOf(schema, new Map())) ?? text;
}

function plainTypeOf(schema: Schema, names: Map<string, string>): string {
  const { type, enum: values, anyOf, allOf, items } = schema;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (values !== undefined) return union(values.map((value) => JSON.stringify(value)));
  if (anyOf !== undefined) return union(anyOf.map((one) => typeOf(one, names)));
  if (allOf !== undefined) return allOf.map((one) => `(${typeOf(one, names)})`).join(' & ');
  if (type === 'array') return items === undefined ? 'unknown[]' : `(${typeOf(items, names)})[]`;
  if (type === 'object' || schema.properties !== undefined) return objectType(schema, names);
  if (type === 'integer') return 'number';
  return type ?? 'unknown';
}

function objectType({ properties, required = [], ...rest }: Schema, names: Map<string, string>): string {
  if (properties === undefined) {
    const value = Object.values(rest.patternProperties ?? {})[0] ?? rest.additionalProperties;
    return `Record<string, ${typeof value === 'object' ? typeOf(value, names) : 'unknown'}>`;
  }
  const members = Object.entries(properties).map(([name, schema]) => {
    const optional = required.includes(name) ? '' : '?';
    return `${comment(schema)}${key(name)}${optional}: ${typeOf(schema, names)};`;
  });
  return `{\n${members.join('\n')}\n}`;
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(' | ');
}

function key(name: string): string {
  return /^\w+$/.test(name) ? name : JSON.stringify(name);
}

function comment({ description }: Schema): string {
  return description === undefined ? '' : `/** ${description.replaceAll('*/', '* /')} */\n`;
}

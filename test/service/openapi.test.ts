/** The OpenAPI document says what the service does: its examples are sent, its answers are of its schemas. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import Schema from 'typebox/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERROR_CATALOG } from '../../src/errors.ts';
import { buildApp } from '../../src/service/app.ts';
import { EXAMPLE_PLAN } from '../../src/service/example-plan.ts';
import { SOLVE_EXAMPLES } from '../../src/service/examples.ts';
import { SolverPool } from '../../src/service/pool.ts';

interface Content {
  readonly schema: object;
  readonly examples?: Record<string, { summary: string; value: unknown }>;
}
interface Described {
  readonly summary: string;
  readonly tags: string[];
  readonly security?: object[];
  readonly requestBody?: { content: Record<string, Content> };
  readonly responses: Record<string, { description: string; content: Record<string, Content> }>;
}
interface Document {
  readonly openapi: string;
  readonly tags: { name: string }[];
  readonly paths: Record<string, Record<string, Described>>;
}

const directory = mkdtempSync(join(tmpdir(), 'egresso-'));
let app: FastifyInstance;
let document: Document;
beforeAll(async () => {
  const pool = new SolverPool({ threads: 1, queueLimit: 4 });
  await pool.whenReady();
  app = await buildApp(pool, { logger: false, jobs: { dataDirectory: directory } });
  document = (await app.inject('/openapi.json')).json();
});
afterAll(async () => {
  await app.close();
  rmSync(directory, { recursive: true, force: true });
});

const described = (): [path: string, method: string, Described][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, what]): [string, string, Described] => [path, method, what]),
  );

describe('the document', () => {
  it('is OpenAPI 3.1 and tells of every route what it is for, and who may use it', () => {
    expect(document.openapi).toBe('3.1.0');
    const paths = ['/v1/solve', '/v1/gap', '/v1/validate', '/health/live', '/health/ready'];
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(paths));
    const tags = document.tags.map(({ name }) => name);
    for (const [path, , { summary, tags: own, security }] of described()) {
      expect(summary, path).toMatch(/[.?]$/);
      expect(tags).toEqual(expect.arrayContaining(own));
      if (path.startsWith('/v1/')) expect(security, path).toEqual([{ bearer: [] }, {}]);
      if (path.startsWith('/health/')) expect(security, path).toBeUndefined();
    }
  });

  it('names every status of a problem that a solve can meet, as a problem document', () => {
    for (const path of ['/v1/solve', '/v1/gap', '/v1/validate']) {
      const { requestBody, responses } = document.paths[path].post;
      const types = ['application/json', 'application/msgpack'];
      expect(Object.keys(requestBody?.content ?? {})).toEqual(types);
      expect(Object.keys(responses[200].content)).toEqual(types);
      const statuses = Object.keys(responses).filter((status) => Number(status) >= 400);
      // A solve may be made a job of.
      const ofJobs = path === '/v1/solve' ? ['422'] : [];
      const others = ['400', '401', '403', '406', '408', '413', '415', '429', '500', '503', '504'];
      expect(statuses).toEqual([...others, ...ofJobs].sort());
      for (const status of statuses)
        expect(Object.keys(responses[status].content)).toEqual(['application/problem+json']);
      const { code } = (responses[400].content['application/problem+json'].schema as { properties: Properties })
        .properties;
      expect(code.enum).toEqual(Object.keys(ERROR_CATALOG));
    }
  });

  it('leaves options out of what is required', () => {
    const { content } = document.paths['/v1/solve'].post.requestBody ?? { content: {} };
    const { properties, required } = content['application/json'].schema as {
      properties: Properties;
      required: string[];
    };
    expect(required).toEqual(['model']);
    expect(Object.keys(properties.options.properties ?? {})).toContain('gapTarget');
    expect(properties.options.required ?? []).toEqual([]);
  });
});

type Properties = Record<string, { enum?: string[]; properties?: object; required?: string[] }>;

describe('its examples', () => {
  it('stand at every body of a request, work as they are, and are answered by what is described', async () => {
    let sent = 0;
    for (const [path, method, { requestBody, responses }] of described()) {
      if (requestBody === undefined) continue;
      const { examples } = requestBody.content['application/json'];
      expect(examples, path).toBeDefined();
      for (const [name, { value }] of Object.entries(examples ?? {})) {
        const response = await app.inject({
          method: method.toUpperCase() as 'POST',
          url: path,
          payload: value as object,
        });
        expect(response.statusCode, `${path} ${name}: ${response.body}`).toBeLessThan(300);
        const { schema } = responses[response.statusCode].content['application/json'];
        expect([...Schema.Errors(schema, response.json())[1]], `${path} ${name}`).toEqual([]);
        sent++;
      }
    }
    expect(sent).toBeGreaterThanOrEqual(5);
  });

  it('hold a plan as /v1/solve answers it, whatever ways it takes to it', async () => {
    const payload = SOLVE_EXAMPLES.multiple.value as object;
    const plan = (await app.inject({ method: 'POST', url: '/v1/solve', payload })).json();
    expect({ ...plan, phases: [] }).toEqual({ ...EXAMPLE_PLAN, phases: [] });
  });

  it('of a solve are example 1 of the patent, with the costs that they promise', async () => {
    const file = new URL('../../examples/patent-example-1.json', import.meta.url);
    const model = JSON.parse(readFileSync(file, 'utf8'));
    for (const { summary, value } of Object.values(SOLVE_EXAMPLES)) {
      expect((value as { model: object }).model).toEqual(model);
      const plan = await app.inject({ method: 'POST', url: '/v1/solve', payload: value as object });
      expect(summary).toContain(`cost ${plan.json().cost}`);
    }
  });
});

describe('the page at /docs', () => {
  it('is served from this package, with scripts from files only, and reads the document', async () => {
    const page = await app.inject('/docs');
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'self'; style-src 'self' 'unsafe-inline'/);
    const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file);
    expect(files.length).toBeGreaterThanOrEqual(4);
    for (const file of files)
      expect((await app.inject(file.replace(/^\.?\/?(docs\/)?/, '/docs/'))).statusCode, file).toBe(200);
    expect(page.body).not.toMatch(/<script(?![^>]* src=)/);
    const start = await app.inject('/docs/static/swagger-initializer.js');
    expect(start.body).toContain('/openapi.json');
  });
});

/** What is shipped says the same everywhere: manifest, container, documents. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR_CATALOG } from '../src/errors.ts';

const ROOT = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');
const manifest = JSON.parse(read('package.json'));

describe('Dockerfile', () => {
  const lines = read('Dockerfile')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => /^[A-Z]+ /.test(line));
  const stages = lines.join('\n').split(/^(?=FROM )/m);
  const final = stages.at(-1) as string;

  it('has a build stage and a final one, on the Node that is pinned', () => {
    expect(stages).toHaveLength(2);
    for (const stage of stages) expect(stage).toMatch(new RegExp(`^FROM node:${manifest.devDependencies.node}-\\S+`));
  });

  it('runs as another user than root, with a health check on the port it serves', () => {
    expect(final).toMatch(/^USER node$/m);
    expect(final.indexOf('USER node')).toBeLessThan(final.indexOf('ENTRYPOINT'));
    const port = /^EXPOSE (\d+)$/m.exec(final)?.[1];
    expect(final).toMatch(new RegExp(`^HEALTHCHECK .*127\\.0\\.0\\.1:${port}/health/ready`, 'm'));
    const command = JSON.parse(/^CMD (\[.*\])$/m.exec(final)?.[1] as string);
    expect(command).toEqual(['serve', '--host', '0.0.0.0', '--port', port]);
    expect(JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(final)?.[1] as string)).toEqual(['node', manifest.bin.egresso]);
  });

  it('copies what is there, and what the context holds', () => {
    const ignored = read('.dockerignore').split('\n');
    const copied = lines
      .filter((line) => /^COPY (?!--from)/.test(line))
      .flatMap((line) => line.split(' ').slice(1, -1));
    for (const path of copied) {
      expect(existsSync(new URL(path, ROOT)), path).toBe(true);
      expect(ignored).not.toContain(path);
    }
    for (const path of ['.git', 'build', 'node_modules']) expect(ignored).toContain(path);
  });
});

describe('package.json', () => {
  it('names files that the build made', () => {
    const paths = [manifest.main, manifest.types, manifest.bin.egresso, manifest.exports['.'].default];
    for (const path of paths) expect(existsSync(new URL(path, ROOT)), path).toBe(true);
  });

  it('asks for the major of Node that it brings', () => {
    const [major] = manifest.devDependencies.node.split('.');
    expect(manifest.engines.node).toBe(`>=${major}`);
  });
});

describe('documents', () => {
  const readme = read('README.md');

  it('README: its npm scripts and files exist, and its demo table has every method of the demo', () => {
    for (const [, script] of readme.matchAll(/npm run (\w+)/g)) expect(manifest.scripts).toHaveProperty(script);
    expect(manifest.scripts).toHaveProperty('test');
    for (const [, path] of readme.matchAll(/\]\(([^)#:]+)\)/g))
      expect(existsSync(new URL(path, ROOT)), path).toBe(true);
  });

  it('CHANGELOG: names the version', () => {
    expect(read('CHANGELOG.md')).toContain(`## ${manifest.version} `);
  });

  it('docs: every document is reached from the README', () => {
    for (const name of readdirSync(new URL('docs', ROOT))) expect(readme).toContain(`docs/${name}`);
  });

  it('http: tells of every code that HTTP answers with', () => {
    const http = read('docs/http.md');
    const local = ['USAGE', 'FILE_UNREADABLE', 'FORMAT_INVALID', 'SERVICE_UNAVAILABLE'];
    for (const code of Object.keys(ERROR_CATALOG)) if (!local.includes(code)) expect(http).toContain(`\`${code}\``);
  });
});

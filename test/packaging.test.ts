/** What is shipped says the same everywhere: manifest, container, documents. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR_CATALOG, type ErrorCode } from '../src/errors.ts';

const ROOT = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');
const exists = (path: string): boolean => existsSync(new URL(path, ROOT));
const manifest = JSON.parse(read('package.json'));
const documents = readdirSync(new URL('docs', ROOT)).map((name) => `docs/${name}`);

/** Instructions of the Dockerfile, comments and line continuations gone. */
function instructions(): string[] {
  const text = read('Dockerfile').replaceAll(/^#.*\n/gm, '');
  return text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
}

describe('Dockerfile', () => {
  const lines = instructions();
  const stages = lines.join('\n').split(/\n(?=FROM )/);
  const final = (stages.at(-1) as string).split('\n');
  const argumentOf = (name: string): string =>
    final
      .filter((line) => line.startsWith(`${name} `))
      .at(-1)
      ?.slice(name.length + 1) ?? '';

  it('holds instructions only', () => {
    for (const line of lines)
      expect(line).toMatch(/^(FROM|WORKDIR|COPY|RUN|ENV|USER|VOLUME|EXPOSE|HEALTHCHECK|ENTRYPOINT|CMD) /);
  });

  it('has a build stage and a final one, on the Node that is pinned', () => {
    expect(stages).toHaveLength(2);
    for (const stage of stages)
      expect(stage).toMatch(new RegExp(`^FROM node:${manifest.devDependencies.node}-[a-z-]+`));
  });

  it('leaves what is for developers in the build stage', () => {
    expect(stages[0]).toMatch(/^RUN npm ci\b/m);
    for (const [, script] of stages[0].matchAll(/npm run (\S+)/g)) expect(manifest.scripts).toHaveProperty(script);
    expect(stages[0]).toMatch(/\bnpm prune --omit=dev\b/);
    expect(final.filter((line) => line.startsWith('RUN '))).toEqual([]);
  });

  it('runs as another user than root', () => {
    expect(argumentOf('USER')).toBe('node');
    const userAt = final.findIndex((line) => line.startsWith('USER '));
    expect(userAt).toBeLessThan(final.findIndex((line) => /^(ENTRYPOINT|CMD) /.test(line)));
  });

  it('serves on the port that it exposes, reachable from outside, and looks after its health there', () => {
    const port = argumentOf('EXPOSE');
    expect(port).toMatch(/^\d+$/);
    expect(JSON.parse(argumentOf('ENTRYPOINT'))).toEqual(['node', manifest.bin.egresso]);
    expect(JSON.parse(argumentOf('CMD'))).toEqual(['serve', '--host', '0.0.0.0', '--port', port]);
    expect(argumentOf('HEALTHCHECK')).toContain(`127.0.0.1:${port}/health/ready`);
    const [program, flag, script] = JSON.parse(argumentOf('HEALTHCHECK').replace(/^.*?CMD /, ''));
    expect([program, flag]).toEqual(['node', '-e']);
    expect(() => new Function(script)).not.toThrow();
  });

  it('copies what is there, and what the context holds', () => {
    const ignored = read('.dockerignore').split('\n');
    const copied = lines
      .filter((line) => /^COPY (?!--from)/.test(line))
      .flatMap((line) => line.split(' ').slice(1, -1));
    expect(copied).toContain('src');
    for (const path of copied) {
      expect(exists(path), path).toBe(true);
      expect(ignored).not.toContain(path);
    }
    for (const path of ['.git', 'build', 'node_modules']) expect(ignored).toContain(path);
  });
});

describe('package.json', () => {
  it('names files that the build made', () => {
    const paths = [manifest.main, manifest.types, manifest.bin.egresso, ...Object.values(manifest.exports['.'])];
    for (const path of [...paths, 'build/wasm/kernels.wasm']) expect(exists(String(path)), String(path)).toBe(true);
    expect(read(manifest.bin.egresso)).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('ships files that exist', () => {
    for (const path of manifest.files) expect(exists(path), path).toBe(true);
  });

  it('asks for the major of Node that it brings, in one exact version', () => {
    expect(manifest.devDependencies.node).toMatch(/^\d+\.\d+\.\d+$/);
    const [major] = manifest.devDependencies.node.split('.');
    expect(manifest.engines.node).toBe(`>=${major}`);
  });

  it('builds when it is installed', () => {
    expect(manifest.scripts.prepare).toBe('npm run build');
  });
});

describe('package-lock.json', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { version: string; optionalDependencies?: Record<string, string> }>;
  };

  it('is of this version', () => {
    expect(packages[''].version).toBe(manifest.version);
  });

  it('names the optional packages of every platform', () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !(`${path}/node_modules/${name}` in packages) && !(`node_modules/${name}` in packages),
      ),
    );
    expect(missing).toEqual([]);
  });
});

describe('documents', () => {
  const readme = read('README.md');
  const guides = ['README.md', 'CONTRIBUTING.md', ...documents];

  it.each(guides)('%s: its npm scripts exist', (name) => {
    for (const [, script] of read(name).matchAll(/npm run ([\w:]+)/g)) expect(manifest.scripts).toHaveProperty(script);
  });

  it.each(guides)('%s: the files that it links to exist', (name) => {
    const base = new URL(name, ROOT);
    for (const [, path] of read(name).matchAll(/\]\(([^)#:]+)\)/g)) {
      expect(existsSync(new URL(path, base)), path).toBe(true);
    }
  });

  it('README: the two commands that do all the set-up come before everything else', () => {
    const commands = [...readme.matchAll(/^(?:```sh\n| {4})(npm .*|npx .*)$/gm)].map(([, command]) => command);
    expect(commands.slice(0, 2)).toEqual(['npm ci && npm run demo', 'npm ci && npm test']);
  });

  it('README: every document is reached from it', () => {
    for (const path of documents) expect(readme).toContain(`](${path})`);
  });

  it('CHANGELOG: names the version', () => {
    expect(read('CHANGELOG.md')).toContain(`## ${manifest.version} `);
  });

  it('http: the table of problems has the codes of the catalog, each with its status', () => {
    // | 400 | `MODEL_INVALID`, `OPTIONS_INVALID` | when |
    const rows = [...read('docs/http.md').matchAll(/^\| (\d{3}) \| (`[A-Z_`, ]+`) \|/gm)];
    const listed = rows.flatMap(([, status, codes]) =>
      [...codes.matchAll(/`(\w+)`/g)].map(([, code]) => ({ code, status: Number(status) })),
    );
    for (const { code, status } of listed) {
      expect(ERROR_CATALOG).toHaveProperty(code);
      expect(ERROR_CATALOG[code as ErrorCode].status, code).toBe(status);
    }
    // Those that only the command line meets are told of where it is.
    const elsewhere = ['USAGE', 'FILE_UNREADABLE', 'FORMAT_INVALID'];
    const expected = Object.keys(ERROR_CATALOG).filter((code) => !elsewhere.includes(code));
    expect(listed.map(({ code }) => code).sort()).toEqual(expected.sort());
    for (const code of elsewhere) expect(readme).toContain(`\`${code}\``);
  });
});

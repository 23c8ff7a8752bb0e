import { expect, it } from 'vitest';
import { serveReport } from '../../src/cli/serve-report.ts';

const url = 'http://127.0.0.1:8080';

it('says where everything is, the address first', () => {
  const lines = serveReport({ url, jobs: '/data', hasKeys: false }).split('\n');
  expect(lines[0]).toBe(`egresso listens on ${url}`);
  for (const path of ['/docs', '/openapi.json', '/health/live', '/health/ready', '/metrics']) {
    expect(lines.join('\n')).toContain(`${url}${path}`);
  }
  expect(lines).toEqual(expect.arrayContaining(['  jobs       /data', '  keys       none: this machine only']));
});

it.each([
  ['redis://user:secret@host:6379/0', 'redis://user@host:6379/0'],
  ['rediss://:secret@host', 'rediss://@host'],
  ['redis://host:6379', 'redis://host:6379'],
])('never shows the password of %s', (jobs, shown) => {
  expect(serveReport({ url, jobs, hasKeys: true })).toContain(`  jobs       ${shown}\n`);
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AnnouncedPath } from '../../src/manager/announcer/announcer.ts';
import { gobgpSpeaker } from '../../src/manager/announcer/gobgp-announcer.ts';
import type { Speaker } from '../../src/manager/announcer/speaker.ts';
import { GobgpClient } from '../../src/manager/gobgp/client.ts';
import { ownPath, type ReceivedRoute } from '../../src/manager/gobgp/path.ts';
import { freePort } from '../free-port.ts';
import { waitFor } from './network/wait.ts';
import { describeLab } from './setup/describe-lab.ts';

const COUNT = 10_000;
const COMMUNITY = '64500:7040';
const OWNER = { instance: 4_294_967_294, scope: 'own' } as const;

/** Messages that the schema does not have: {asn: 64601, address: "10.0.0.1"} and {communities: [{1, 2, 3}]}. */
const AGGREGATOR = [0x08, 0xd9, 0xf8, 0x03, 0x12, 0x08, ...Buffer.from('10.0.0.1')];
const LARGE_COMMUNITY = [0x0a, 0x06, 0x08, 1, 0x10, 2, 0x18, 3];

const path = (prefix: string, nextHop: string): AnnouncedPath => ({
  prefix,
  nextHop,
  point: '',
  leaseUntilMs: 0,
  asPath: [64601, 4200000001],
  origin: 'incomplete',
  med: 7,
  // The well-known one is what `noExport` adds as well.
  communities: ['64601:1', '65535:65281'],
  others: [
    { type: 'type.googleapis.com/apipb.AggregatorAttribute', value: Buffer.from(AGGREGATOR).toString('base64') },
    {
      type: 'type.googleapis.com/apipb.LargeCommunitiesAttribute',
      value: Buffer.from(LARGE_COMMUNITY).toString('base64'),
    },
  ],
});

const speakerOptions = (address: string) => ({ address, localPref: 1000, community: COMMUNITY, noExport: true });

/** A daemon without sessions: what is put in is what is read back. */
describeLab('the announcer and gobgpd', () => {
  let folder: string;
  let address: string;
  let daemon: ChildProcess;
  let speaker: Speaker;

  const start = async (): Promise<void> => {
    const args = ['-f', join(folder, 'gobgpd.toml'), `--api-hosts=${address}`, '--pprof-disable'];
    daemon = spawn('gobgpd', args, { stdio: 'ignore' });
    await waitFor('gobgpd to answer', async () => speaker.own().then(() => true as const), 15_000);
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'egresso-gobgp-'));
    // No port for BGP.
    writeFileSync(join(folder, 'gobgpd.toml'), '[global.config]\nas = 64500\nrouter-id = "192.0.2.1"\nport = -1\n');
    address = `127.0.0.1:${await freePort()}`;
    speaker = gobgpSpeaker(speakerOptions(address), OWNER);
    await start();
  }, 30_000);

  afterAll(async () => {
    speaker?.[Symbol.dispose]();
    daemon?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  test('paths of both families read back as they were put in; others are left alone', async () => {
    using client = new GobgpClient(address);
    const foreign = ownPath({ ...path('203.0.113.0/24', '192.0.2.9') }, 500, ['64500:1'], 0);
    await client.add([foreign]);
    const paths = [
      path('198.51.100.0/24', '192.0.2.2'),
      path('2001:db8:1::/48', '2001:db8::2'),
      path('2001:db8:2::/48', '192.0.2.2'),
    ];
    await speaker.announce(paths);
    expect(await speaker.own()).toEqual(new Map(paths.map((one) => [one.prefix, speaker.content(one)])));
    expect(await speaker.own(['198.51.100.0/24', '10.0.0.0/8'])).toEqual(
      new Map([['198.51.100.0/24', speaker.content(paths[0]!)]]),
    );
    const changed = path('198.51.100.0/24', '192.0.2.3');
    await speaker.announce([changed]);
    expect((await speaker.own()).get('198.51.100.0/24')).toBe(speaker.content(changed));
    for (const { prefix } of paths) await speaker.withdraw(prefix);
    expect((await speaker.own()).size).toBe(0);
    const left = [];
    for await (const { prefix } of client.routes()) left.push(prefix);
    expect(left).toEqual(['203.0.113.0/24']);
  });

  test('paths of two marks lie beside each other, and each is told as it comes to be chosen', async () => {
    using client = new GobgpClient(address);
    const told: string[] = [];
    const onRoute = ({ prefix, pathId }: ReceivedRoute): void => void told.push(`${prefix} ${pathId}`);
    using _watch = client.watchGiven({ onRoute, onEnd: () => {} });
    using rival = gobgpSpeaker(speakerOptions(address), { instance: 8, scope: 'own' });
    using sweeper = gobgpSpeaker(speakerOptions(address), { instance: OWNER.instance, scope: 'all' });
    const ours = [path('198.51.100.0/24', '192.0.2.2'), path('2001:db8:1::/48', '2001:db8::2')];
    const theirs = ours.map((one) => ({ ...one, med: 6 }));
    const contents = (paths: readonly AnnouncedPath[]) =>
      new Map(paths.map((one) => [one.prefix, speaker.content(one)]));
    // What is announced before the watch is there is not told, nor what is announced as it is.
    let med = 100;
    await waitFor('the watch to tell', async () => {
      await rival.announce(theirs.map((one) => ({ ...one, med: med++ })));
      return told.length > 0 || undefined;
    });
    await rival.announce(theirs);
    await speaker.announce(ours);
    expect([await speaker.own(), await rival.own()]).toEqual([contents(ours), contents(theirs)]);
    for (const { prefix } of ours) await speaker.withdraw(prefix);
    expect([await speaker.own(), await rival.own()]).toEqual([new Map(), contents(theirs)]);
    expect(new Set(told)).toContain('2001:db8:1::/48 8');
    await speaker.announce(ours);
    for (const prefix of (await sweeper.own()).keys()) await sweeper.withdraw(prefix);
    expect([await speaker.own(), await rival.own()]).toEqual([new Map(), new Map()]);
  });

  test(`${COUNT} overrides`, async () => {
    const paths = Array.from({ length: COUNT }, (_, k) => path(`10.${k >>> 8}.${k & 255}.0/24`, '192.0.2.2'));
    const begun = performance.now();
    await speaker.announce(paths);
    process.stderr.write(`${COUNT} overrides put into gobgpd in ${Math.round(performance.now() - begun)} ms\n`);
    expect((await speaker.own()).size).toBe(COUNT);
  }, 60_000);

  test('a daemon that is killed is an error, and one that comes again has forgotten', async () => {
    const ended = once(daemon, 'exit');
    daemon.kill('SIGKILL');
    await ended;
    await expect(speaker.announce([path('198.51.100.0/24', '192.0.2.2')])).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
    });
    await start();
    expect((await speaker.own()).size).toBe(0);
  }, 30_000);
});

import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseMchid, type Mchid } from '../../../src/base/ids.js';
import { devFile, removeDevFile, writeDevFile } from '../../../src/entries/stack/dev-file.js';

const urls = {
  apiUrl: 'http://127.0.0.1:8080',
  sandboxUrl: 'http://127.0.0.1:8090',
  temporalAddress: '127.0.0.1:7233',
  temporalUiUrl: null,
  databaseUrl: 'postgres://127.0.0.1/paysaga',
};
const FIRST = mchidOf('1600000001');
const SECOND = mchidOf('1600000002');
const keys = { operatorKey: 'operator', merchantKeys: { [FIRST]: 'first', [SECOND]: 'second' } };
const webhook = { url: 'http://127.0.0.1:3000/', secrets: ['newest', 'oldest'], allowedPrivateRanges: [] };

test("a merchant's webhook secret is its newest, and null where nothing is delivered", () => {
  const merchants = new Map([
    [FIRST, { webhook: null }],
    [SECOND, { webhook }],
  ]);
  expect(devFile(urls, merchants, keys)).toEqual({
    ...urls,
    apiKey: 'first',
    operatorKey: 'operator',
    mchid: FIRST,
    merchants: [
      { mchid: FIRST, protocol: 'v3', apiKey: 'first', webhookSecret: null },
      { mchid: SECOND, protocol: 'v3', apiKey: 'second', webhookSecret: 'newest' },
    ],
  });
});

test('it is there in one piece for its owner only, or not at all', async () => {
  const home = await mkdtemp(join(tmpdir(), 'paysaga-dev-file-'));
  onTestFinished(() => rm(home, { recursive: true }));
  await removeDevFile(home);
  const dev = devFile(urls, new Map([[FIRST, { webhook }]]), keys);
  await writeDevFile(home, dev);
  expect(JSON.parse(await readFile(join(home, 'dev.json'), 'utf8'))).toEqual(dev);
  expect((await stat(join(home, 'dev.json'))).mode & 0o777).toBe(0o600);
  await removeDevFile(home);
  await expect(stat(join(home, 'dev.json'))).rejects.toThrow('ENOENT');
});

function mchidOf(text: string): Mchid {
  const parsed = parseMchid(text);
  if (!parsed.ok) throw new Error('not a mchid');
  return parsed.value;
}

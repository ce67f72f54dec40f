import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { moveWebhooks, writeSandboxMerchants } from '../../src/entries/sandbox-merchants.js';
import { loadMerchants } from '../../src/entries/merchants.js';
import type { Sandbox } from '../../src/sandbox/start.js';
import { startTestSandbox } from '../support/sandbox.js';

const WEBHOOK_URL = 'http://127.0.0.1:3000/hooks';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
  await fetch(`${sandbox.url}/sandbox/merchants`, { method: 'POST' });
});
afterAll(() => sandbox.close());

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'paysaga-merchants-'));
});
afterEach(() => rm(home, { recursive: true }));

const load = async (webhookUrl?: string) => [
  ...(await loadMerchants(await writeSandboxMerchants(home, sandbox.url, webhookUrl))).values(),
];

test("the sandbox's merchants sell with all of their appids, the first of them first", async () => {
  const appids = ['wxshop', 'wxapp'];
  const added = await fetch(`${sandbox.url}/sandbox/merchants`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ appids }),
  });
  const { mchid } = (await added.json()) as { mchid: string };
  const found = (await load()).find((merchant) => merchant.mchid === mchid);
  expect(found?.appids).toMatchObject({ native: appids, jsapi: appids, miniProgram: appids, app: appids, h5: appids });
});

test("the sandbox's merchants have no webhook until somebody says where their shop listens", async () => {
  for (const { webhook } of await load()) expect(webhook).toBeNull();
});

test('all their shops listen there, on this machine, each with a secret of its own', async () => {
  const merchants = await load(WEBHOOK_URL);
  for (const { webhook } of merchants) {
    expect(webhook).toMatchObject({ url: WEBHOOK_URL, allowedPrivateRanges: ['127.0.0.0/8', '::1/128'] });
    expect(webhook?.secrets).toEqual([expect.stringMatching(/^whsec_/)]);
  }
  expect(new Set(merchants.map(({ webhook }) => webhook?.secrets[0])).size).toBe(merchants.length);
});

test('a secret is made once, for its owner only, with a webhook or without', async () => {
  const [merchant] = await load();
  const file = join(home, 'keys', merchant?.mchid ?? '', 'webhook_secret');
  const before = (await readFile(file, 'utf8')).trim();
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const [again] = await load(WEBHOOK_URL);
  expect(again?.webhook?.secrets).toEqual([before]);
});

test('a merchant of API v2 is written with its key, its certificate and the port that asks for it', async () => {
  const own = await startTestSandbox();
  const added = await fetch(`${own.url}/sandbox/merchants`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ protocol: 'v2', appid: 'wxshop' }),
  });
  const made = (await added.json()) as Record<string, string>;
  const file = await writeSandboxMerchants(home, own.url);
  await own.close();
  const { merchants } = JSON.parse(await readFile(file, 'utf8')) as { merchants: Record<string, unknown>[] };
  expect(merchants.map(({ protocol }) => protocol)).toEqual(['v3', 'v2']);
  const folder = join('keys', String(made['mchid']));
  expect(merchants[1]).toEqual({
    mchid: made['mchid'],
    protocol: 'v2',
    appids: { native: 'wxshop', jsapi: 'wxshop', miniProgram: 'wxshop', app: 'wxshop', h5: 'wxshop' },
    codeScan: 'v2',
    apiV2KeyFile: join(folder, 'api_v2_key'),
    certificateFile: join(folder, 'apiclient_cert.pem'),
    privateKeyFile: join(folder, 'apiclient_key.pem'),
    gatewayUrl: own.url,
    secapiUrl: own.secapiUrl,
    secapiCaFile: join(folder, 'secapi_ca.pem'),
  });
  const files = { api_v2_key: 'apiV2Key', 'apiclient_cert.pem': 'certificatePem', 'secapi_ca.pem': 'secapiCaPem' };
  for (const [name, field] of Object.entries(files)) {
    expect(await readFile(join(home, folder, name), 'utf8')).toBe(made[field]);
    expect((await stat(join(home, folder, name))).mode & 0o777).toBe(0o600);
  }
});

test('shops of a stack that ran before listen where they are said to, and nothing else changes', async () => {
  const [, ...others] = await load();
  const file = join(home, 'merchants.json');
  type Entry = Record<string, unknown>;
  const entries = async () => (JSON.parse(await readFile(file, 'utf8')) as { merchants: Entry[] }).merchants;
  const [first = {}, ...rest] = await entries();
  const changed = { ...first, gatewayUrl: 'https://api.mch.weixin.qq.com' };
  await writeFile(
    file,
    JSON.stringify({ merchants: [changed, ...rest.map((it) => ({ ...it, limits: { query: 7 } }))] }),
  );

  for (const url of [WEBHOOK_URL, 'http://127.0.0.1:9000/paysaga']) {
    await moveWebhooks(home, url);
    expect((await entries())[0]).toEqual(changed);
    const [real, ...moved] = [...(await loadMerchants(file)).values()];
    expect(real?.webhook).toBeNull();
    expect(moved.map(({ mchid }) => mchid)).toEqual(others.map(({ mchid }) => mchid));
    for (const { mchid, webhook, credentials } of moved) {
      const secret = await readFile(join(home, 'keys', mchid, 'webhook_secret'), 'utf8');
      expect([webhook?.url, webhook?.secrets]).toEqual([url, [secret.trim()]]);
      expect(credentials.limits).toMatchObject({ query: 7 });
    }
  }
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

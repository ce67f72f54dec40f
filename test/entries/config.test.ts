import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { ConfigError, readConfig, readTemporalConfig, required } from '../../src/entries/config.js';

function refusalOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

it('needs nothing: everything has a default or is absent', () => {
  expect(readConfig({})).toMatchObject({
    databaseUrl: undefined,
    publicUrl: undefined,
    webhookUrl: undefined,
    home: resolve('.paysaga'),
    language: 'zh',
    host: '127.0.0.1',
    port: 8080,
    ports: { api: 8080, sandbox: 8090, temporal: 7233, temporalUi: 8233, postgres: 0, worker: 0, admin: 0 },
    adminPort: undefined,
    deployment: undefined,
  });
});

it('takes an empty variable for an absent one', () => {
  expect(readConfig({ PORT: '', PAYSAGA_LANGUAGE: '', DATABASE_URL: '' })).toEqual(readConfig({}));
});

it.each([
  ['PORT', 'eighty'],
  ['PORT', '65536'],
  ['PAYSAGA_ADMIN_PORT', 'ops'],
  ['PAYSAGA_ADMIN_PORT', '65536'],
  ['PAYSAGA_SANDBOX_PORT', '-1'],
  ['PAYSAGA_LANGUAGE', 'fr'],
  ['PAYSAGA_LOG_LEVEL', 'loud'],
  ['PAYSAGA_WORKERS', '0'],
  ['PAYSAGA_PUBLIC_URL', 'pay.example.com'],
  ['PAYSAGA_PUBLIC_URL', 'http://pay.example.com'],
  ['PAYSAGA_PUBLIC_URL', 'https://pay.example.com/?secret=1'],
  ['PAYSAGA_OUTBOUND_PROXY', 'socks5://user:canary@proxy:1080'],
  ['PAYSAGA_OUTBOUND_PROXY_EXCEPT', 'https://example.com'],
  ['PAYSAGA_API_URL', 'ingress:8080'],
  ['PAYSAGA_TEMPORAL_UI_URL', 'temporal:8233'],
  ['PAYSAGA_TEMPORAL_UI_URL', 'javascript:alert(1)'],
  ['PAYSAGA_TEMPORAL_UI_URL', 'https://li:secret@temporal.example.com'],
  ['PAYSAGA_TEMPORAL_UI_URL', 'https://:secret@temporal.example.com'],
  ['PAYSAGA_API_URL', 'https://me:secret@pay.example.com'],
  ['PAYSAGA_WEBHOOK_URL', 'shop.example'],
  ['PAYSAGA_WEBHOOK_URL', 'ftp://shop.example/'],
  ['PAYSAGA_WEBHOOK_URL', 'http://10.0.0.5/'],
  ['PAYSAGA_WEBHOOK_URL', 'https://10.0.0.5/'],
  ['PAYSAGA_WEBHOOK_URL', 'https://me:secret@shop.example/'],
])('refuses %s=%s, naming the variable and not its value', (name, value) => {
  const message = refusalOf(() => readConfig({ [name]: value }));
  expect(message).toContain(name);
  expect(message).not.toContain(value);
});

it('takes https anywhere and http on this machine, without the slash at the end', () => {
  expect(readConfig({ PAYSAGA_PUBLIC_URL: 'https://pay.example.com/shop/' }).publicUrl).toBe(
    'https://pay.example.com/shop',
  );
  expect(readConfig({ PAYSAGA_PUBLIC_URL: 'http://127.0.0.1:8080' }).publicUrl).toBe('http://127.0.0.1:8080');
});

it.each([0, 8082])('takes %s for the port of the operators’ own listener', (port) => {
  const config = readConfig({ PAYSAGA_ADMIN_PORT: String(port) });
  expect([config.adminPort, config.ports.admin]).toEqual([port, port]);
});

it('takes plain http for where the command line reaches the ingress', () => {
  expect(readConfig({ PAYSAGA_API_URL: 'http://ingress:8080/' }).apiUrl).toBe('http://ingress:8080');
});

it.each(['https://shop.example/hooks?key=1', 'http://localhost:3000/hooks', 'http://[::1]:3000/'])(
  'takes %s as where the shop listens, unchanged',
  (url) => {
    expect(readConfig({ PAYSAGA_WEBHOOK_URL: url }).webhookUrl).toBe(url);
  },
);

it('takes a proxy with its login and the hosts that it is not for, and shows neither', () => {
  const { outboundProxy } = readConfig({
    PAYSAGA_OUTBOUND_PROXY: 'http://user:canary@proxy.internal:3128',
    PAYSAGA_OUTBOUND_PROXY_EXCEPT: '.example.com, gateway.internal:8443',
  });
  expect(outboundProxy).toMatchObject({ protocol: 'http:', hostname: 'proxy.internal', port: 3128 });
  expect(outboundProxy?.exceptions).toEqual([
    { host: 'example.com', port: undefined },
    { host: 'gateway.internal', port: 8443 },
  ]);
  expect(JSON.stringify(outboundProxy)).not.toContain('canary');
  expect(readConfig({ PAYSAGA_OUTBOUND_PROXY_EXCEPT: 'example.com' }).outboundProxy).toBeUndefined();
});

it('wants a deployment and its build together', () => {
  expect(refusalOf(() => readConfig({ PAYSAGA_BUILD_ID: '42' }))).toContain('PAYSAGA_DEPLOYMENT');
  const { deployment } = readConfig({ PAYSAGA_DEPLOYMENT: 'orders', PAYSAGA_BUILD_ID: '42' });
  expect(deployment).toEqual({ name: 'orders', buildId: '42' });
});

it('names a setting that is required', () => {
  expect(refusalOf(() => required(undefined, 'DATABASE_URL'))).toBe('DATABASE_URL is not set');
  expect(required('there', 'DATABASE_URL')).toBe('there');
});

it("reads Temporal's own environment; the namespace is paysaga unless it says otherwise", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'paysaga-config-'));
  const none = { TEMPORAL_CONFIG_FILE: join(folder, 'none.toml') };
  expect(readTemporalConfig({ ...none, TEMPORAL_ADDRESS: 'temporal:7233' })).toMatchObject({
    connection: { address: 'temporal:7233' },
    namespace: 'paysaga',
  });
  expect(readTemporalConfig({ ...none, TEMPORAL_NAMESPACE: 'shop.a1b2' }).namespace).toBe('shop.a1b2');
  const broken = join(folder, 'broken.toml');
  await writeFile(broken, 'not = [toml');
  expect(refusalOf(() => readTemporalConfig({ TEMPORAL_CONFIG_FILE: broken }))).toContain('TEMPORAL_CONFIG_FILE');
  await rm(folder, { recursive: true });
});

import { chmod, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import { doctorCommand } from '../../src/doctor/command.js';
import { doctorDeps } from '../../src/entries/commands.js';
import { stackEnvironment, type TestStack, useStack } from '../support/dev-stack.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { sandboxControl } from '../support/sandbox-control.js';

const shop = useShopEndpoint();
const stack = useStack(() => ({ webhookUrl: shop.url }));
let secrets: string[];
beforeAll(async () => {
  secrets = await secretsOf(stack);
});

async function secretsOf({ home, dev }: TestStack): Promise<string[]> {
  const folder = join(home, 'keys', dev.mchid);
  const names = (await readdir(folder)).filter((name) => !name.startsWith('pub'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return [
    dev.apiKey,
    dev.operatorKey,
    ...texts.map((text) => text.trim()),
    new URL(dev.databaseUrl).password || dev.apiKey,
  ];
}

type Check = { group: string; name: string; subject: string; status: string; seen: string; cure: string | null };

async function doctor(argv: readonly string[] = [], environment: Readonly<Record<string, string>> = {}) {
  const [out, err]: [string[], string[]] = [[], []];
  const env = {
    config: { home: stack.home },
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
    now: () => new Date(),
  };
  const command = doctorCommand(doctorDeps({ ...stackEnvironment(stack.home), ...environment }));
  const code = await runCli(['doctor', '--json', ...argv], env, [command]);
  for (const secret of secrets) expect(out.join('') + err.join('')).not.toContain(secret);
  return { code, checks: (JSON.parse(out.join('')) as { checks: Check[] }).checks };
}

const shown = (checks: readonly Check[], ...statuses: string[]): string[] =>
  checks.filter(({ status }) => statuses.includes(status)).map(({ group, name, seen }) => `${group}: ${name}: ${seen}`);

test('a stack as npm start makes it has nothing to cure, and no secret of it is shown', async () => {
  // The sweeper's schedule and the workers are there a moment after the stack is.
  await expect.poll(async () => shown((await doctor()).checks, 'failed', 'warning')).toEqual([]);
  const { code, checks } = await doctor(['--strict']);
  expect(code).toBe(0);
  const looked = new Set(checks.filter(({ status }) => status === 'ok').map(({ group }) => group));
  expect([...looked].sort()).toEqual(['configuration', 'database', 'gateway', 'merchant', 'notify', 'temporal']);
});

test('a shop that does not answer its webhook well is found, and one that does is not', async () => {
  shop.answer(401);
  const { code, checks } = await doctor();
  shop.answer(204);
  expect([code, shown(checks, 'failed')]).toEqual([1, ['merchant: webhook test: a signed test event is answered 401']]);
  expect(shown((await doctor()).checks, 'failed')).toEqual([]);
  expect((await doctor(['--offline'])).checks).toContainEqual(
    expect.objectContaining({ name: 'webhook test', status: 'skipped' }),
  );
});

test('a key that everybody may read is a warning, which --strict fails on and --fix repairs', async () => {
  await chmod(join(stack.home, 'keys', stack.dev.mchid, 'api_v3_key'), 0o644);
  const { code, checks } = await doctor();
  expect(code).toBe(0);
  expect(shown(checks, 'warning')).toEqual(['merchant: permissions: every user of this machine may read api_v3_key']);
  expect((await doctor(['--strict'])).code).toBe(1);
  expect((await doctor(['--strict', '--fix'])).code).toBe(0);
  expect((await doctor(['--strict'])).code).toBe(0);
});

test('what WeChat Pay refuses is found without an order, and no order is left behind', async () => {
  const sandbox = sandboxControl(stack.dev.sandboxUrl, stack.dev.mchid);
  await sandbox.fault({ on: 'query', kind: 'error', status: 403, code: 'NO_AUTH', effect: false, times: 0 });
  const { code, checks } = await doctor();
  await sandbox.repair();
  expect(code).toBe(1);
  expect(shown(checks, 'failed')).toEqual([
    'gateway: credentials: NO_AUTH: sandbox fault',
    'gateway: API v2 key in use: NO_AUTH: sandbox fault',
  ]);
  expect(await sandbox.trades()).toEqual([]);
});

test('services that are not there are exit code 3, each with what cannot be asked of it', async () => {
  const { code, checks } = await doctor([], {
    DATABASE_URL: 'postgres://nobody:secret@127.0.0.1:1/nowhere',
    PAYSAGA_PUBLIC_URL: 'http://127.0.0.1:1',
  });
  expect(code).toBe(3);
  const failed = checks.filter(({ status }) => status === 'failed').map(({ group, name }) => `${group}: ${name}`);
  expect(failed).toEqual(['database: reachable', 'notify: health', 'notify: readiness']);
});

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import type { CheckResult } from '../../src/doctor/check.js';
import { doctorCommand, reportText } from '../../src/doctor/command.js';
import { doctorDeps } from '../../src/entries/commands.js';
import { testDatabase, type TestDatabase } from '../support/services.js';
import { CANARIES, merchantFolder, VALID, VALID_V2, type MerchantFolder } from './support/merchant-folder.js';

const CHECKOUT_KEY = 'canary-of-the-checkout-key-which-is-long-enough';
const NOWHERE = 'postgres://user:canary-of-the-password@127.0.0.1:1/nowhere';

let folder: MerchantFolder;
let database: TestDatabase;
let environment: Record<string, string>;
beforeAll(async () => {
  [folder, database] = await Promise.all([merchantFolder(), testDatabase()]);
});
afterAll(() => Promise.all([folder.remove(), database.drop()]));
beforeEach(async () => {
  await folder.write({
    'merchants.json': JSON.stringify({ merchants: [{ ...VALID, apiV2KeyFile: 'api_v2_key' }] }),
    'checkout.key': CHECKOUT_KEY,
  });
  environment = {
    PAYSAGA_HOME: folder.path,
    DATABASE_URL: database.url,
    PAYSAGA_MERCHANTS: join(folder.path, 'merchants.json'),
    PAYSAGA_PUBLIC_URL: 'https://pay.example.cn',
    PAYSAGA_CHECKOUT_KEY_FILE: join(folder.path, 'checkout.key'),
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TEMPORAL_NAMESPACE: inject('temporalNamespace'),
  };
});

type Summary = Record<CheckResult['status'] | 'fixed' | 'unreachable', number>;
type Report = { readonly checks: CheckResult[]; readonly summary: Summary };

async function run(argv: readonly string[], changes: Readonly<Record<string, string>> = {}) {
  const [out, err]: [string[], string[]] = [[], []];
  const env = {
    config: { home: folder.path },
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
    now: () => new Date(),
  };
  const code = await runCli(['doctor', ...argv], env, [doctorCommand(doctorDeps({ ...environment, ...changes }))]);
  const said = { out: out.join(''), err: err.join('') };
  for (const secret of [...Object.values(CANARIES), 'canary-of', 'PRIVATE KEY']) {
    expect(said.out + said.err).not.toContain(secret);
  }
  return { code, ...said };
}

/** Offline: what answers outside is other tests' business. */
async function examine(changes: Readonly<Record<string, string>> = {}, ...argv: string[]) {
  const { code, out, err } = await run(['--offline', '--json', ...argv], changes);
  const { checks, summary } = JSON.parse(out) as Report;
  const named = (name: string) => {
    const found = checks.find((check) => check.name === name);
    return found && { status: found.status, seen: found.seen, cure: found.cure };
  };
  return { code, err, checks, summary, named };
}

describe('the configuration', () => {
  it('that is right passes', async () => {
    const { checks } = await examine();
    const mine = checks.filter(({ group }) => group === 'configuration');
    expect(mine.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'settings ok',
      'dev.json skipped',
      'DATABASE_URL ok',
      'PAYSAGA_MERCHANTS ok',
      'PAYSAGA_PUBLIC_URL ok',
      'PAYSAGA_CHECKOUT_KEY_FILE ok',
      'merchants file ok',
      'checkout key ok',
    ]);
  });

  it('with a wrong setting is the only thing looked at, and named without its value', async () => {
    const { code, checks } = await examine({ PAYSAGA_PUBLIC_URL: 'http://canary-of.example.com', PORT: 'x' });
    expect(code).toBe(1);
    expect(checks).toHaveLength(1);
    expect(checks[0]).toMatchObject({
      status: 'failed',
      seen: expect.stringMatching(/^wrong setting: PAYSAGA_PUBLIC_URL: must be an https URL .*; PORT: /) as unknown,
      cure: 'Set the variable that is named as docs/configuration.md says.',
    });
  });

  it('that nobody gave is told setting by setting', async () => {
    const { code, named, checks } = await examine({
      DATABASE_URL: '',
      PAYSAGA_MERCHANTS: '',
      PAYSAGA_PUBLIC_URL: '',
      PAYSAGA_CHECKOUT_KEY_FILE: '',
    });
    expect(code).toBe(1);
    expect(named('DATABASE_URL')).toEqual({
      status: 'failed',
      seen: 'DATABASE_URL is not set, and no embedded stack runs here',
      cure: 'Set DATABASE_URL, or start everything on this machine with npm start.',
    });
    expect(named('merchants file')).toMatchObject({ status: 'skipped' });
    expect(checks.some(({ group }) => group === 'database' || group === 'notify')).toBe(false);
  });

  it('is completed by a running embedded stack', async () => {
    const dev = {
      apiUrl: 'http://127.0.0.1:1',
      temporalAddress: inject('temporalAddress'),
      databaseUrl: database.url,
      operatorKey: 'canary-of-a-key',
    };
    await folder.write({ 'dev.json': JSON.stringify(dev) });
    const changes = { DATABASE_URL: '', PAYSAGA_MERCHANTS: '', PAYSAGA_PUBLIC_URL: '', TEMPORAL_ADDRESS: '' };
    const { named, checks } = await examine(changes);
    expect(named('dev.json')?.seen).toBe(`completes the settings: ${join(folder.path, 'dev.json')}`);
    expect(named('merchants file')?.status).toBe('ok');
    const reached = checks.filter(({ name }) => name === 'reachable').map(({ group, status }) => `${group} ${status}`);
    expect(reached).toEqual(['gateway skipped', 'database ok', 'temporal ok']);
    await folder.write({ 'dev.json': '{' });
  });

  it('may have merchants of both APIs, each with the checks of its own', async () => {
    await folder.write({ 'merchants.json': JSON.stringify({ merchants: [VALID, VALID_V2] }) });
    const { checks, named } = await examine();
    expect(named('merchants file')).toMatchObject({ status: 'ok', seen: expect.stringMatching(/^2 in /) as unknown });
    const namesOf = (mchid: string) => checks.filter(({ subject }) => subject === mchid).map(({ name }) => name);
    const ofV3 = [
      'API v3 key',
      'public key',
      'credentials',
      'answer signature',
      'API v3 key in use',
      'unsigned notify',
    ];
    const ofV2 = ['client certificate', 'sign type', 'API v2 key in use', 'unsigned refund notify'];
    expect(namesOf(VALID.mchid)).toEqual(expect.arrayContaining(ofV3));
    expect(namesOf(VALID_V2.mchid)).toEqual(expect.arrayContaining(ofV2));
    expect(namesOf(VALID.mchid).filter((name) => ofV2.includes(name))).toEqual([]);
    expect(namesOf(VALID_V2.mchid).filter((name) => ofV3.includes(name))).toEqual([]);
  });

  it.each([
    [{ merchants: [{ ...VALID, serialNo: 'canary-of' }] }, /: merchants\[0\]\.serialNo: must be the hexadecimal/],
    [
      { merchants: [{ ...VALID, apiV3KeyFile: 'nowhere' }] },
      /: merchants\[0\]\.apiV3KeyFile: cannot be read \(ENOENT\)$/,
    ],
    [{ merchants: [] }, /: merchants: /],
  ])('names the wrong field of a merchants file', async (file, seen) => {
    await folder.write({ 'merchants.json': JSON.stringify(file) });
    const { code, named, checks } = await examine();
    expect(code).toBe(1);
    expect(named('merchants file')).toEqual({
      status: 'failed',
      seen: expect.stringMatching(seen) as unknown,
      cure: 'Correct the field that is named; docs/operations.md describes each, and no process starts before.',
    });
    expect(checks.some(({ group }) => group === 'gateway')).toBe(false);
  });

  it('has a checkout key of 32 bytes that not everybody reads', async () => {
    expect((await examine({ PAYSAGA_CHECKOUT_KEY_FILE: '/nowhere' })).named('checkout key')).toEqual({
      status: 'failed',
      seen: 'the checkout key file cannot be read (ENOENT)',
      cure: 'Make it with: (umask 077; openssl rand -base64 32 > FILE), and give every ingress the same one.',
    });
    await folder.write({ 'checkout.key': 'canary-of' });
    expect((await examine()).named('checkout key')).toEqual({
      status: 'failed',
      seen: 'the checkout key has 9 bytes',
      cure: 'Give it 32 random bytes or more.',
    });
    await folder.write({ 'checkout.key': CHECKOUT_KEY }, 0o644);
    const file = join(folder.path, 'checkout.key');
    expect((await examine()).named('checkout key')).toEqual({
      status: 'warning',
      seen: 'every user of this machine may read the checkout key',
      cure: `Run chmod 600 ${file}, or --fix.`,
    });
    const { checks, summary } = await examine({}, '--fix');
    expect(checks.find(({ name }) => name === 'checkout key')).toMatchObject({ status: 'ok', fixed: true });
    expect(summary.fixed).toBeGreaterThan(0);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});

describe('the exit code', () => {
  it('is 3 when a service cannot be reached, which stands on standard error', async () => {
    const { code, err, summary, checks } = await examine({ DATABASE_URL: NOWHERE });
    expect(code).toBe(3);
    expect(err).toBe('paysaga: services that could not be reached: 1\n');
    expect(summary.unreachable).toBe(1);
    expect(checks.find(({ name, group }) => name === 'reachable' && group === 'database')?.seen).toContain(
      '127.0.0.1:1',
    );
  });

  it('is 2 for wrong usage', async () => {
    for (const argv of [['--forever'], ['x']]) expect(await run(argv)).toMatchObject({ code: 2, out: '' });
  });

  it('is 0 for help, which names every option', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    for (const option of ['--fix', '--offline', '--strict', '--json']) expect(out).toContain(option);
  });
});

describe('the report', () => {
  const check: CheckResult = {
    group: 'merchant',
    name: 'permissions',
    subject: '1900000001',
    status: 'warning',
    seen: 'open',
    cure: 'Close it.',
    fixed: false,
    unreachable: false,
  };

  it('has a group, a sign and a line a check, cures below them, and a summary', () => {
    const text = reportText([
      check,
      { ...check, name: 'API v3 key', status: 'failed', seen: 'short', cure: 'Mend it.' },
      {
        ...check,
        group: 'database',
        subject: 'database',
        name: 'rights',
        status: 'ok',
        seen: 'all',
        cure: null,
        fixed: true,
      },
      { ...check, group: 'database', subject: 'database', name: 'LISTEN', status: 'skipped', seen: 'none', cure: null },
    ]);
    expect(text.split('\n')).toEqual([
      'Merchants',
      '  ! 1900000001: permissions  open',
      '    → Close it.',
      '  ✗ 1900000001: API v3 key   short',
      '    → Mend it.',
      '',
      'Postgres',
      '  ✓ rights  repaired: all',
      '  – LISTEN  none',
      '',
      '4 checks: 1 ok, 1 warning, 1 failed, 1 skipped, 1 repaired',
      '',
    ]);
  });

  it('on a terminal says the same as JSON', async () => {
    const { out } = await run(['--offline']);
    const { checks } = await examine();
    for (const { name, cure } of checks) {
      expect(out).toContain(name);
      if (cure !== null) expect(out).toContain(cure);
    }
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import { keysCommand } from '../../src/cli/keys.js';
import { findApiKey, listApiKeys } from '../../src/access/store/api-key.js';
import { connect, type Connection } from '../../src/db/connection.js';
import { knownMerchants } from '../../src/entries/merchants.js';
import { apiKeyHash, looksLikeApiKey } from '../../src/http/kit/actor.js';
import { testDatabase, type TestDatabase } from '../support/services.js';

let database: TestDatabase;
let connection: Connection;
let home: string;
beforeAll(async () => {
  database = await testDatabase();
  connection = connect(database.url, { max: 1 });
  home = await mkdtemp(join(tmpdir(), 'paysaga-cli-'));
});
afterAll(async () => {
  await connection.close();
  await database.drop();
  await rm(home, { recursive: true, force: true });
});
beforeEach(async () => {
  await rm(join(home, 'dev.json'), { force: true });
  await rm(join(home, 'merchants.json'), { force: true });
});

/** Runs against the test's database, unless told of another or of none. */
async function run(argv: string[], databaseUrl: string | null = database.url, merchantsFile?: string) {
  const out: string[] = [];
  const err: string[] = [];
  const env = {
    config: { ...(databaseUrl === null ? {} : { databaseUrl }), merchantsFile, home },
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
    now: () => new Date('2026-03-01T10:00:00Z'),
  };
  const code = await runCli(argv, env, [keysCommand(knownMerchants)]);
  return { code, out: out.join(''), err: err.join('') };
}

type Created = { id: string; key: string; kind: string; name: string | null; mchids: string[] };
async function create(...options: string[]): Promise<Created> {
  const { code, out } = await run(['keys', 'create', '--json', ...options]);
  expect(code).toBe(0);
  return JSON.parse(out) as Created;
}

const LI_LEI = ['--mchid', '1900000001', '--operator', 'Li Lei'];

describe('paysaga keys create', () => {
  it('makes a key of a person who may only read, or give back so much', async () => {
    expect(await create(...LI_LEI, '--role', 'readOnly')).toMatchObject({ role: 'readOnly', refundLimitFen: null });
    const limited = await create(...LI_LEI, '--refund-limit-fen', '50000');
    expect(limited).toMatchObject({ role: 'operator', refundLimitFen: 50_000 });
    const { out } = await run(['keys', 'list']);
    expect(out).toMatch(/readOnly/);
    expect(out).toMatch(/operator │ ¥500\.00/);
    expect(await create('--mchid', '1900000001')).toMatchObject({ role: null, refundLimitFen: null });
  });

  it.each(['Li\u0007Lei', 'Li\u202eLei', 'Li\u200bLei', '\u200b', '\u3164', 'Li\u2028Lei', '\u001b[2J'])(
    'refuses %j as a name: it would lie to whoever reads what was done',
    async (name) => {
      const before = await listApiKeys(connection.db);
      const { code, err } = await run(['keys', 'create', '--mchid', '1900000001', '--operator', name]);
      expect(code).toBe(2);
      expect(err).toContain('no control and no invisible characters');
      expect(await listApiKeys(connection.db)).toHaveLength(before.length);
    },
  );

  it.each(['李雷', 'Li Lei', "Zoë O'Neil"])('takes %s', async (name) => {
    expect(await create('--mchid', '1900000001', '--operator', name)).toMatchObject({ name });
  });

  it("prints a merchant's key alone on its output, once, and keeps only its hash", async () => {
    const { code, out, err } = await run(['keys', 'create', '--mchid', '1900000001']);
    expect(code).toBe(0);
    const key = out.trim();
    expect(looksLikeApiKey(key)).toBe(true);
    expect(key).toMatch(/^psk_live_merchant_/);
    expect(err).toContain('1900000001');
    expect(err).not.toContain(key);
    expect(await findApiKey(connection.db, apiKeyHash(key))).toMatchObject({
      kind: 'merchant',
      mchids: ['1900000001'],
    });
    const stored = JSON.stringify(await connection.sql`select * from api_keys`);
    expect(stored).not.toContain(key);
  });

  it("makes an operator's key for several merchants", async () => {
    const created = await create(
      '--operator',
      'Li Lei',
      '--mchid',
      '1900000001',
      '--mchid',
      '1900000002',
      '--mchid',
      '1900000001',
    );
    expect(created).toMatchObject({ kind: 'operator', name: 'Li Lei', mchids: ['1900000001', '1900000002'] });
    expect(created.key).toMatch(/^psk_live_operator_/);
    expect(await findApiKey(connection.db, apiKeyHash(created.key))).toMatchObject({ id: created.id, name: 'Li Lei' });
  });

  const REAL = { mchid: '1900000001', gatewayUrl: 'https://api.mch.weixin.qq.com' };
  const SANDBOX = { mchid: '1900000002', gatewayUrl: 'http://127.0.0.1:8090' };
  it.each([
    ['live', ['1900000001']],
    ['test', ['1900000002']],
    ['live', ['1900000001', '1900000002']],
    ['live', ['1900000003']],
  ])('is a %s key of %j, by the gateway that the merchants file names', async (mode, mchids) => {
    await writeFile(join(home, 'merchants.json'), JSON.stringify({ merchants: [REAL, SANDBOX] }));
    const options = mchids.flatMap((mchid) => ['--mchid', mchid]);
    const { out, err } = await run(['keys', 'create', '--operator', 'Li Lei', ...options]);
    expect(out).toMatch(new RegExp(`^psk_${mode}_operator_`));
    expect(looksLikeApiKey(out.trim())).toBe(true);
    expect(err.includes('1900000003 is not in the merchants file')).toBe(mchids.includes('1900000003'));
  });

  it('says why it did not look a merchant up where the merchants file that is named cannot be read', async () => {
    const { code, out, err } = await run(
      ['keys', 'create', '--mchid', '1900000001'],
      undefined,
      join(home, 'none.json'),
    );
    expect([code, out.startsWith('psk_live_merchant_')]).toEqual([0, true]);
    expect(err).toContain('was not looked up');
    expect(err).toContain('none.json');
  });

  it('makes another key each time', async () => {
    const [one, two] = [await create('--mchid', '1900000001'), await create('--mchid', '1900000001')];
    expect(one.key).not.toBe(two.key);
  });

  it.each([
    ['no merchant', []],
    ['a merchant that is no number', ['--mchid', 'shop']],
    ['several merchants without a person', ['--mchid', '1900000001', '--mchid', '1900000002']],
    ['a person without a name', ['--mchid', '1900000001', '--operator', ' ']],
    ["a merchant's key with a role", ['--mchid', '1900000001', '--role', 'readOnly']],
    ["a merchant's key with a limit", ['--mchid', '1900000001', '--refund-limit-fen', '1']],
    ['an unknown role', ['--mchid', '1900000001', '--operator', 'Li Lei', '--role', 'admin']],
    ['a limit that is no number', ['--mchid', '1900000001', '--operator', 'Li Lei', '--refund-limit-fen', '1.5']],
    ['a limit of who only reads', [...LI_LEI, '--role', 'readOnly', '--refund-limit-fen', '1']],
    ['an unknown option', ['--mchid', '1900000001', '--forever']],
    ['an argument too many', ['--mchid', '1900000001', 'x']],
  ])('with %s is wrong usage', async (_, options) => {
    const before = (await listApiKeys(connection.db)).length;
    const { code, out, err } = await run(['keys', 'create', ...options]);
    expect([code, out]).toEqual([2, '']);
    expect(err).not.toBe('');
    expect(await listApiKeys(connection.db)).toHaveLength(before);
  });
});

describe('paysaga keys list', () => {
  it('shows every key without its secret, as a table or as JSON', async () => {
    const created = await create('--operator', 'Han Meimei', '--mchid', '1900000001');
    const table = await run(['keys', 'list']);
    expect(table.code).toBe(0);
    expect(table.out).toContain(created.id);
    expect(table.out).toContain('Han Meimei');
    const list = await run(['keys', 'list', '--json']);
    const { items } = JSON.parse(list.out) as { items: Created[] };
    expect(items.find(({ id }) => id === created.id)).toEqual({
      id: created.id,
      kind: 'operator',
      name: 'Han Meimei',
      role: 'operator',
      refundLimitFen: null,
      mchids: ['1900000001'],
      createdAt: '2026-03-01T10:00:00.000Z',
      revokedAt: null,
    });
    expect(table.out + list.out).not.toContain('psk_live');
  });
});

describe('paysaga keys revoke', () => {
  it('ends a key, and says so when there is nothing to end', async () => {
    const { id, key } = await create('--mchid', '1900000001');
    expect((await run(['keys', 'revoke', id])).code).toBe(0);
    expect(await findApiKey(connection.db, apiKeyHash(key))).toBeUndefined();
    const again = await run(['keys', 'revoke', id]);
    expect(again.code).toBe(1);
    expect(again.err).toContain('there is no such key');
    expect((await run(['keys', 'revoke', 'x'])).code).toBe(1);
    expect((await run(['keys', 'revoke'])).code).toBe(2);
  });
});

describe('the database it works on', () => {
  it('is the running embedded one where the environment names none', async () => {
    await writeFile(join(home, 'dev.json'), JSON.stringify({ databaseUrl: database.url, apiKey: 'x' }));
    expect((await run(['keys', 'list'], null)).code).toBe(0);
  });

  it.each([
    ['there is none', undefined, 'npm start'],
    ['its file is broken', '{', 'databaseUrl'],
    ['its file names none', '{}', 'databaseUrl'],
  ])('missing because %s is exit code 3 and a way out', async (_, content, hint) => {
    if (content !== undefined) await writeFile(join(home, 'dev.json'), content);
    const { code, err } = await run(['keys', 'list'], null);
    expect(code).toBe(3);
    expect(err).toContain(hint);
  });

  it('that cannot be reached is exit code 3, without its password', async () => {
    const { code, err } = await run(['keys', 'list'], 'postgres://nobody:secret@127.0.0.1:1/nowhere');
    expect(code).toBe(3);
    expect(err).not.toContain('secret');
  });
});

describe('paysaga', () => {
  it('shows its help when asked, and what is wrong otherwise', async () => {
    expect(await run(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('keys') as unknown });
    expect((await run(['keys', '--help'])).out).toContain('revoke');
    expect((await run([])).code).toBe(2);
    expect((await run(['forget'])).code).toBe(2);
    expect((await run(['keys', 'forget'])).code).toBe(2);
  });
});

import { describe, expect, test } from 'vitest';
import { startCommand, startEntry } from '../support/command.js';
import { newOrderNo, stackEnvironment, useStack } from '../support/dev-stack.js';

type Key = {
  readonly id: string;
  readonly kind: string;
  readonly name: string | null;
  readonly revokedAt: string | null;
};

describe('paysaga keys, beside a running stack', () => {
  const stack = useStack();

  const environment = () => stackEnvironment(stack.home);
  const paysaga = (args: readonly string[], env: Record<string, string> = {}) =>
    startEntry('cli', args, { ...environment(), ...env }).exited;
  const statusWith = async (key: string) => (await stack.api('GET', '/v1/orders', undefined, key)).status;

  test('a key is made, works, is listed without its secret, is revoked, and works no more', async () => {
    const made = await paysaga(['keys', 'create', '--mchid', stack.dev.mchid, '--json']);
    expect(made.code).toBe(0);
    const { id, key } = JSON.parse(made.stdout) as Key & { key: string };
    // The stack's merchants are the sandbox's.
    expect(key).toMatch(/^psk_test_merchant_/);
    expect(await statusWith(key)).toBe(200);

    const listed = await paysaga(['keys', 'list', '--json']);
    expect(listed.code).toBe(0);
    expect(listed.stdout).not.toContain(key);
    const { items } = JSON.parse(listed.stdout) as { items: Key[] };
    expect(items.find((it) => it.id === id)).toMatchObject({ kind: 'merchant', revokedAt: null });
    expect((await paysaga(['keys', 'list'])).stdout).toContain(id);

    expect((await paysaga(['keys', 'revoke', id])).code).toBe(0);
    expect(await statusWith(key)).toBe(401);
    expect((await paysaga(['keys', 'revoke', id])).code).toBe(1);
  });

  test("an operator's key carries a person's name", async () => {
    const create = ['keys', 'create', '--operator', 'Li Lei', '--mchid', stack.dev.mchid];
    // As a person calls it who has the sources.
    const made = await startCommand('bin/paysaga.js', create, environment()).exited;
    expect(made.code).toBe(0);
    const key = made.stdout.trim();
    expect((await stack.api('GET', '/v1/inbox', undefined, key)).status).toBe(200);
    expect((await paysaga(['keys', 'list'])).stdout).toContain('Li Lei');
  });

  test('what an order waits for is said in English, or as it is chosen', async () => {
    const orderNo = newOrderNo();
    await stack.place({ orderNo, amountFen: 1234, description: 'Two cups', product: 'native' });
    const said = async (env: Record<string, string>) => (await paysaga(['show', orderNo], env)).stdout;
    expect(await said({ PAYSAGA_LANGUAGE: '' })).toContain('Waiting for the payer');
    expect(await said({ PAYSAGA_LANGUAGE: 'zh' })).toContain('等待');
  });

  test.each([
    ['a command that is none', ['keys', 'forget'], 2],
    ['no merchant', ['keys', 'create'], 2],
    ['a key that is none', ['keys', 'revoke', 'x'], 1],
    ['help', ['keys', '--help'], 0],
    ['version', ['--version'], 0],
  ])('%s', async (_, args, code) => {
    expect((await paysaga(args)).code).toBe(code);
  });

  test('a setting that is none is wrong usage: nothing was asked', async () => {
    const { code, stderr } = await paysaga(['orders'], { PAYSAGA_API_URL: 'nonsense' });
    expect([code, stderr]).toEqual([2, expect.stringContaining('PAYSAGA_API_URL')]);
  });

  test('a database that is away, and a folder without a stack, are exit code 3', async () => {
    const away = await paysaga(['keys', 'list'], { DATABASE_URL: 'postgres://nobody:secret@127.0.0.1:1/nowhere' });
    expect(away.code).toBe(3);
    expect(away.stderr).not.toContain('secret');
    const nowhere = await paysaga(['keys', 'list'], { PAYSAGA_HOME: `${stack.home}/nowhere` });
    expect(nowhere.code).toBe(3);
    expect(nowhere.stderr).toContain('npm start');
  });
});

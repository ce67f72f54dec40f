import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { DevFile } from '../../src/cli/kit/dev-file.js';
import { startSandbox } from '../../src/sandbox/start.js';
import { writeSandboxMerchants } from '../../src/entries/sandbox-merchants.js';
import { callerOf, until } from '../support/caller.js';
import { startCommand, startEntry, type Command } from '../support/command.js';
import { newOrderNo, stackEnvironment } from '../support/dev-stack.js';
import { processesOf } from '../support/processes-of.js';

const newHome = () => mkdtemp(join(tmpdir(), 'paysaga-start-'));
const readDev = async (home: string) => JSON.parse(await readFile(join(home, 'dev.json'), 'utf8')) as DevFile;

async function untilRunning(home: string, command: Command): Promise<DevFile> {
  const died = command.exited.then(({ stderr }) => Promise.reject(new Error(stderr)));
  died.catch(() => undefined);
  const started = until(async () => {
    const seen = await readDev(home);
    return { seen, met: true };
  });
  return Promise.race([started, died]);
}

/** None left, and where some are they are named. */
const expectNoProcessOf = async (home: string): Promise<void> => {
  await until(async () => {
    const seen = await processesOf(home);
    return { seen, met: seen.length === 0 };
  });
};

async function end(home: string, command: Command | undefined): Promise<void> {
  command?.signal('SIGINT');
  await command?.exited;
  await rm(home, { recursive: true, force: true });
}

describe('npm start', () => {
  let home: string;
  let command: Command;
  let dev: DevFile;
  const startAgain = async (): Promise<void> => {
    command = startEntry('start', [], stackEnvironment(home));
    dev = await untilRunning(home, command);
  };
  beforeAll(async () => {
    home = await newHome();
    command = startCommand('npm', ['start'], stackEnvironment(home));
    dev = await untilRunning(home, command);
  });
  afterAll(() => end(home, command));

  test('says in dev.json how to reach what answers by then', async () => {
    const answers = await Promise.all(
      [`${dev.apiUrl}/readyz`, `${dev.sandboxUrl}/sandbox/merchant`, dev.temporalUiUrl ?? ''].map((url) => fetch(url)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await callerOf(dev).api('GET', '/v1/orders')).status).toBe(200);
    expect((await callerOf(dev).api('GET', '/v1/inbox', undefined, dev.operatorKey)).status).toBe(200);
    await until(() => Promise.resolve({ seen: command.stdout(), met: command.stdout().includes('Ctrl-C') }));
    for (const shown of [dev.apiUrl, dev.sandboxUrl, dev.temporalUiUrl ?? ''])
      expect(command.stdout()).toContain(shown);
  });

  test('a second one in the same folder is refused and disturbs nothing', async () => {
    const before = await readDev(home);
    const second = await startEntry('start', [], stackEnvironment(home)).exited;
    expect(second.code).toBe(1);
    expect(second.stderr.trim().split('\n')).toEqual([expect.stringContaining(`PaySaga already runs in ${home}`)]);
    expect(await readDev(home)).toEqual(before);
    expect((await callerOf(dev).api('GET', '/v1/orders')).status).toBe(200);
  });

  test('what is killed comes back, says so, and orders go on', async () => {
    const shop = callerOf(dev);
    const orderNo = newOrderNo();
    const body = { orderNo, amountFen: 100, description: 'A bun', product: 'native' };
    for (const [entry, name] of [
      ['worker', 'the worker'],
      ['serve', 'the ingress'],
    ] as const) {
      const line = (await processesOf(home)).find((it) => it.includes(`/${entry}.ts`) && !it.includes('/bin/sh'));
      process.kill(Number.parseInt(line ?? '', 10), 'SIGKILL');
      await until(() =>
        Promise.resolve({ seen: command.stderr(), met: command.stderr().includes(`${name} runs again`) }),
      );
    }
    expect((await shop.api('POST', '/v1/orders', body)).status).toBeOneOf([201, 202]);
    await shop.orderWhen(orderNo, ({ state }) => state === 'awaitingPayment');
    await shop.control('POST', '/pay', { outTradeNo: orderNo });
    await shop.orderWhen(orderNo, ({ state }) => state === 'paid');
  });

  test('Ctrl-C ends every process, and the next start goes on with the same data, keys and ports', async () => {
    const orderNo = newOrderNo();
    const body = { orderNo, amountFen: 100, description: 'A bun', product: 'native' };
    await callerOf(dev).place(body);
    command.signal('SIGINT');
    await command.exited;
    expect(existsSync(join(home, 'dev.json'))).toBe(false);
    await expectNoProcessOf(home);
    const before = dev;
    await startAgain();
    expect(dev).toEqual(before);
    const shop = callerOf(dev);
    expect(await shop.api('GET', `/v1/orders/${orderNo}`)).toMatchObject({
      status: 200,
      body: { state: 'awaitingPayment' },
    });
    await shop.control('POST', '/pay', { outTradeNo: orderNo });
    await shop.orderWhen(orderNo, ({ state }) => state === 'paid');
  });

  test('killed with -9 it takes everything along, and starts again all the same', async () => {
    const holder = JSON.parse(await readFile(join(home, 'start.lock'), 'utf8')) as { pid: number };
    process.kill(holder.pid, 'SIGKILL');
    await command.exited;
    await expectNoProcessOf(home);
    const before = dev;
    await rm(join(home, 'dev.json'));
    await startAgain();
    expect(dev).toEqual(before);
  });
});

test('npm start with PAYSAGA_ADMIN_PORT keeps operators’ pages off the API, and says where they are', async () => {
  const home = await newHome();
  const command = startEntry('start', [], { ...stackEnvironment(home), PAYSAGA_ADMIN_PORT: '0' });
  onTestFinished(() => end(home, command));
  const { apiUrl, operatorKey } = await untilRunning(home, command);
  const adminUrl = await until(() => {
    const seen = /Metrics +(\S+)\/metrics/.exec(command.stdout())?.[1] ?? '';
    return Promise.resolve({ seen, met: seen !== '' });
  });
  expect(command.stdout()).toContain(`docs: ${adminUrl}/docs`);
  for (const path of ['/metrics', '/docs', '/ops/login'])
    expect([path, (await fetch(`${apiUrl}${path}`)).status, (await fetch(`${adminUrl}${path}`)).status]).toEqual([
      path,
      404,
      200,
    ]);
  const body = new URLSearchParams({ key: operatorKey });
  const entered = await fetch(`${adminUrl}/ops/login`, { method: 'POST', body, redirect: 'manual' });
  const cookie = entered.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  expect((await fetch(`${adminUrl}/ops`, { headers: { cookie } })).status).toBe(200);
});

describe('npm start that cannot', () => {
  let home: string;
  beforeEach(async () => {
    home = await newHome();
    onTestFinished(() => rm(home, { recursive: true, force: true }));
  });

  /** Its exit code and what it said; nothing of it is left by then. */
  async function failure(env: Record<string, string>, args: readonly string[] = []) {
    const command = startEntry('start', args, { ...stackEnvironment(home), ...env });
    onTestFinished(() => command.signal('SIGINT'));
    const { code, stderr } = await command.exited;
    await expectNoProcessOf(home);
    expect(existsSync(join(home, 'dev.json'))).toBe(false);
    return { code, lines: stderr.trim().split('\n') };
  }
  const oneLine = (...parts: string[]) => ({
    code: 1,
    lines: [expect.stringMatching(new RegExp(parts.map((part) => part.replaceAll('.', '\\.')).join('.*')))],
  });

  test.each([
    ['PORT', 'http'],
    ['PAYSAGA_LANGUAGE', 'fr'],
    ['PAYSAGA_PUBLIC_URL', 'http://shop.example'],
  ])('because %s is %s says so in one line', async (name, value) => {
    expect(await failure({ [name]: value })).toEqual(oneLine('start: wrong setting', name));
  });

  test('because an option is not one', async () => {
    expect((await failure({}, ['--port', 'x'])).code).toBe(1);
  });

  test('because a port is taken names it and the setting', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    onTestFinished(() => void holder.close());
    const { port } = holder.address() as AddressInfo;
    expect(await failure({ PAYSAGA_SANDBOX_PORT: String(port) })).toEqual(
      oneLine(`port ${port} is taken`, 'PAYSAGA_SANDBOX_PORT'),
    );
  });

  describe('for its merchants file', () => {
    async function merchantsFile(): Promise<string> {
      const sandbox = await startSandbox();
      onTestFinished(() => sandbox.close());
      return writeSandboxMerchants(home, sandbox.url);
    }
    const keyFile = () => join(home, 'keys', '1600000001', 'apiclient_key.pem');

    test('because it is not there', async () => {
      const file = join(home, 'nowhere.json');
      expect(await failure({ PAYSAGA_MERCHANTS: file })).toEqual(oneLine(file, 'ENOENT'));
    });

    test('because it is broken', async () => {
      await writeFile(join(home, 'merchants.json'), '{');
      expect(await failure({})).toEqual(oneLine(join(home, 'merchants.json'), 'is not valid JSON'));
    });

    test('because a key is not there', async () => {
      const file = await merchantsFile();
      await rm(keyFile());
      expect(await failure({})).toEqual(oneLine(file, 'privateKeyFile', 'ENOENT'));
    });

    test('because a key cannot be read', async () => {
      const file = await merchantsFile();
      await rm(keyFile());
      await mkdir(keyFile());
      expect(await failure({})).toEqual(oneLine(file, 'privateKeyFile', 'EISDIR'));
    });

    test('because a key is none', async () => {
      const file = await merchantsFile();
      await writeFile(keyFile(), 'not a key');
      expect(await failure({})).toEqual(oneLine(file, 'privateKeyFile', 'is not an RSA private key'));
    });
  });

  test('because Temporal is elsewhere and does not answer, after it had begun', async () => {
    const { code, lines } = await failure({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    expect(code).toBe(1);
    expect(lines.join('\n')).toContain('No Temporal server answers at 127.0.0.1:1');
  });

  test('because it is interrupted half way leaves nothing and complains of nothing', async () => {
    const command = startEntry('start', [], stackEnvironment(home));
    await until(() => Promise.resolve({ seen: command.stderr(), met: command.stderr().includes('Starting Temporal') }));
    command.signal('SIGINT');
    const { stderr } = await command.exited;
    expect(stderr).not.toContain('Error');
    await expectNoProcessOf(home);
  });
});

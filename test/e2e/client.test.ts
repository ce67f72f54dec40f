import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { verifyWebhook, type VerifiedEvent } from '../../src/client/client.js';
import { newOrderNo, useStack } from '../support/dev-stack.js';
import { startedFor } from '../support/started-for.js';
import { until } from '../support/caller.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = (file: string, args: readonly string[], cwd: string) =>
  promisify(execFile)(file, args, { cwd, maxBuffer: 1 << 26 }).catch((error: unknown) => {
    throw new Error(`${file} ${args.join(' ')}: ${JSON.stringify(error)}`);
  });
const tsc = (args: readonly string[], cwd: string) =>
  run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...args], cwd);

/** An empty folder elsewhere into which the packed client was installed, as a shop does it. */
const folder = startedFor(
  async () => {
    const path = await mkdtemp(join(tmpdir(), 'paysaga-client-'));
    await tsc(['-p', 'tsconfig.client.json', '--outDir', join(path, 'built')], ROOT);
    await run(process.execPath, ['--import', 'tsx', 'scripts/client-package.ts', join(path, 'built')], ROOT);
    const shop = join(path, 'shop');
    await mkdir(shop);
    await run('npm', ['pack', '--pack-destination', shop], join(path, 'built'));
    await writeFile(join(shop, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    const [tarball = ''] = (await readdir(shop)).filter((name) => name.endsWith('.tgz'));
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`], shop);
    return { path, shop };
  },
  ({ path }) => rm(path, { recursive: true }),
);

const shop = startedFor(
  async () => {
    const told: { raw: string; headers: Record<string, string | string[] | undefined> }[] = [];
    const server = createServer((request, response) => {
      void text(request).then((raw) => {
        told.push({ raw, headers: request.headers });
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
      told,
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/paysaga`,
      close: () => server.close(),
    };
  },
  ({ close }) => Promise.resolve(close()).then(() => undefined),
);

const stack = useStack(() => ({ webhookUrl: shop.url }));

/** A shop's program; what it says is a line of JSON a step. */
const PROGRAM = `
import { NoAnswerError, PaySaga, PaySagaError, type Order, type VerifiedEvent } from 'paysaga/client';

declare const process: { readonly env: Record<string, string> };
declare const console: { log(text: string): void };
const { URL: baseUrl = '', KEY: apiKey = '', ORDER: orderNo = '' } = process.env;
const paysaga = new PaySaga({ baseUrl, apiKey, timeoutMs: 60_000, totalMs: 600_000 });
const say = (step: string, said: unknown) => console.log(JSON.stringify([step, said]));

const body = { orderNo, amountFen: 4550, description: 'Teapot', product: 'native' } as const;
const order: Order = await paysaga.createOrder(body);
say('created', order.orderNo);
for await (const { state } of paysaga.followOrder({ orderNo })) say('followed', state);
const refund = await paysaga.createRefund({ orderNo, refundNo: 'R-' + orderNo, amountFen: 200, reason: 'Sold out in part' });
say('refunded', [refund.refundNo, refund.amountFen]);
const numbers: string[] = [];
for await (const it of paysaga.allOrders({ state: 'paid', limit: 1 })) numbers.push(it.orderNo);
say('listed', numbers.includes(orderNo));
try {
  await paysaga.createOrder({ ...body, amountFen: 1 });
} catch (error) {
  if (PaySagaError.is(error, 'order_conflict')) {
    const code: 'order_conflict' = error.code;
    say('refused', [code, error.status, error.requestId !== '']);
  }
}
const away = new PaySaga({ baseUrl: 'http://127.0.0.1:1', apiKey, tries: 1 });
await away.getOrder({ orderNo }).catch((error: unknown) => say('away', error instanceof NoAnswerError));

export function narrowed(event: VerifiedEvent): string {
  if (event.type === 'order.paid') return event.data.order.orderNo + String(event.data.late);
  if (event.type === 'refund.succeeded') return event.data.refund.refundNo;
  return event.type === 'discrepancy.opened' ? event.data.discrepancy.id : event.type;
}

// What the document does not have is refused.
// @ts-expect-error no such product
export const wrong = () => paysaga.createOrder({ ...body, product: 'cash' });
// @ts-expect-error a refund has a number
export const unnumbered = () => paysaga.createRefund({ orderNo, amountFen: 1 });
// @ts-expect-error no such code
export const unknown = (error: unknown) => PaySagaError.is(error, 'no_such_code');
`;

test('what a shop installs is the client alone', async () => {
  const installed = await readdir(join(folder.shop, 'node_modules'));
  expect(installed.filter((name) => !name.startsWith('.'))).toEqual(['paysaga']);
  const files = await readdir(join(folder.shop, 'node_modules/paysaga'));
  expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'client.d.ts', 'client.js', 'package.json']));
});

test.each([
  ['bundler', 'ESNext'],
  ['node16', 'Node16'],
])(
  'a shop whose modules resolve as %s compiles against it, takes an order, follows it and refunds',
  async (resolution, module) => {
    await writeFile(join(folder.shop, 'shop.ts'), PROGRAM);
    const lib = ['--lib', 'ES2022,DOM,DOM.Iterable'];
    const options = [
      '--strict',
      '--exactOptionalPropertyTypes',
      '--skipLibCheck',
      'false',
      '--target',
      'ES2022',
      ...lib,
    ];
    await tsc([...options, '--module', module, '--moduleResolution', resolution, 'shop.ts'], folder.shop);
    const orderNo = newOrderNo();
    const { apiUrl, apiKey } = stack.dev;
    const env = { PATH: process.env['PATH'], URL: apiUrl, KEY: apiKey, ORDER: orderNo };
    const program = spawn(process.execPath, ['shop.js'], { cwd: folder.shop, env });
    const said = Promise.all([text(program.stdout), text(program.stderr)]);
    await stack.orderWhen(orderNo, ({ state }) => state === 'awaitingPayment');
    await stack.control('POST', '/pay', { outTradeNo: orderNo });
    const [out, err] = await said;
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as [string, unknown]);
    expect(lines.filter(([step]) => step === 'followed').at(-1), err).toEqual(['followed', 'paid']);
    expect(lines.filter(([step]) => step !== 'followed')).toEqual([
      ['created', orderNo],
      ['refunded', [`R-${orderNo}`, 200]],
      ['listed', true],
      ['refused', ['order_conflict', 409, true]],
      ['away', true],
    ]);
    const event = await told(orderNo, 'order.paid');
    expect(event).toMatchObject({ type: 'order.paid', data: { order: { orderNo, paidFen: 4550 } } });
  },
);

/** What the shop was told of an order, verified by the client. */
async function told(orderNo: string, type: VerifiedEvent['type']): Promise<VerifiedEvent> {
  const [merchant] = stack.dev.merchants;
  const secret = merchant?.webhookSecret ?? '';
  const heard = () => shop.told.find(({ raw }) => raw.includes(orderNo) && raw.includes(`"type":"${type}"`));
  const { seen } = { seen: await until(() => Promise.resolve({ seen: heard(), met: heard() !== undefined })) };
  if (seen === undefined) throw new Error('nothing was told');
  return verifyWebhook(seen.raw, seen.headers, secret);
}

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it, onTestFinished, test } from 'vitest';
import { freePorts } from '../../src/embedded/machine.js';
import { until } from '../support/caller.js';
import { startCommand, type Command } from '../support/command.js';
import { stackEnvironment, useStack } from '../support/dev-stack.js';
import { canRunPython, pythonWith } from './python.js';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));

let port = 0;
beforeAll(async () => {
  [port = 0] = await freePorts(1);
});
const url = () => `http://127.0.0.1:${port}`;
const stack = useStack(() => ({ webhookUrl: `${url()}/paysaga` }));

type Sale = {
  readonly delivery: string;
  readonly order: { readonly state: string; readonly amountFen: number; readonly refundedFen: number };
};

let shop: Command | undefined;
afterEach(async () => {
  shop?.signal('SIGTERM');
  await shop?.exited;
  shop = undefined;
});

async function open(command: string, args: readonly string[]): Promise<void> {
  const { apiUrl, apiKey, merchants } = stack.dev;
  const started = startCommand(command, args, {
    ...stackEnvironment(stack.home),
    PAYSAGA_URL: apiUrl,
    PAYSAGA_KEY: apiKey,
    PAYSAGA_WEBHOOK_SECRET: merchants[0]?.webhookSecret ?? '',
    PORT: String(port),
  });
  shop = started;
  await until(async () => {
    const { status } = await fetch(url());
    return { seen: started.stderr(), met: status === 200 };
  }, 120_000);
}

/** Presses the button, lands on the checkout page, and pays with the sandbox's phone. */
async function buy(item: string): Promise<string> {
  const answer = await fetch(`${url()}/buy/${item}`, { method: 'POST', redirect: 'manual' });
  expect(answer.status).toBe(303);
  const checkout = answer.headers.get('location') ?? '';
  expect((await fetch(checkout)).status).toBe(200);
  const orderNo = new URL(checkout).pathname.split('/').at(-1) ?? '';
  await stack.orderWhen(orderNo, ({ attempts }) => attempts[0]?.state === 'open');
  await stack.control('POST', '/pay', { outTradeNo: orderNo });
  return orderNo;
}

const saleWhen = (orderNo: string, wished: (sale: Sale) => boolean) =>
  until(async () => {
    const seen = (await (await fetch(`${url()}/orders/${orderNo}`)).json()) as Sale;
    return { seen, met: wished(seen) };
  }, 180_000);

/** What a reader of the example sees it do. */
async function sellsAndGivesBack(): Promise<void> {
  const [sold, soldOut] = [await buy('teapot'), await buy('moonstone')];

  const sent = await saleWhen(sold, ({ delivery }) => delivery === 'sent');
  expect(sent.order).toMatchObject({ state: 'paid', amountFen: 4550, refundedFen: 0 });
  const missing = await saleWhen(soldOut, ({ order }) => order.refundedFen === 9900);
  expect(missing).toMatchObject({ delivery: 'soldOut', order: { state: 'paid' } });
  const orders = await Promise.all([sold, soldOut].map((number) => stack.api('GET', `/v1/orders/${number}`)));
  expect(orders.map(({ body }) => body.fulfilment)).toEqual(['fulfilled', 'rejected']);

  const refund = () => fetch(`${url()}/orders/${sold}/refund`, { method: 'POST' });
  expect([(await refund()).status, (await refund()).status]).toEqual([202, 202]);
  await saleWhen(sold, ({ order }) => order.refundedFen === 4550);
  expect((await stack.api('GET', `/v1/orders/${sold}`)).body.refunds).toHaveLength(1);
  await refusesForgeries(sold);
}

/** Also of a later version than it knows. */
async function refusesForgeries(orderNo: string): Promise<void> {
  const before = await (await fetch(`${url()}/orders/${orderNo}`)).text();
  const order = { orderNo, version: 999, state: 'closed', fulfilment: 'none', amountFen: 1, refundedFen: 0 };
  const forged = await fetch(`${url()}/paysaga`, {
    method: 'POST',
    headers: {
      'webhook-id': 'forged',
      'webhook-timestamp': String(Math.floor(Date.now() / 1_000)),
      'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}`,
    },
    body: JSON.stringify({ type: 'order.closed', timestamp: new Date().toISOString(), data: { order } }),
  });
  expect(forged.status).toBe(401);
  expect(await (await fetch(`${url()}/orders/${orderNo}`)).text()).toBe(before);
  const told = await stack.api<{ outcome: string }>('POST', '/v1/events/test', undefined, stack.dev.operatorKey);
  expect(told.body).toMatchObject({ outcome: 'delivered' });
}

describe('the example in TypeScript', () => {
  it('sells, is told, delivers, and gives money back', async () => {
    await open(process.execPath, ['--import', 'tsx', `${examples}shop-ts/shop.ts`]);
    await sellsAndGivesBack();
  });
});

describe.skipIf(!canRunPython())('the example in Python', () => {
  it('sells, is told, delivers, and gives money back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'paysaga-python-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const python = await pythonWith(`${examples}shop-python/requirements.txt`, folder);
    await open(python, [`${examples}shop-python/shop.py`]);
    await sellsAndGivesBack();
  });
});

test.each(['shop-ts/shop.ts', 'shop-python/shop.py'])('%s is read in five minutes', async (file) => {
  expect((await readFile(`${examples}${file}`, 'utf8')).split('\n').length).toBeLessThanOrEqual(150);
});

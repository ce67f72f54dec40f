import type postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newApiKey } from '../../src/cli/keys.js';
import { insertApiKey, revokeApiKey } from '../../src/access/store/api-key.js';
import { connect, type Connection } from '../../src/db/connection.js';
import { parseMchid, type Mchid } from '../../src/base/ids.js';
import type { Answer, Problem } from '../support/caller.js';
import { newOrderNo, useStack } from '../support/dev-stack.js';

describe('what is refused leaves nothing behind', () => {
  const stack = useStack();
  let sql: postgres.Sql;
  let connection: Connection;
  beforeAll(() => {
    connection = connect(stack.dev.databaseUrl, { max: 1 });
    sql = connection.sql;
  });
  afterAll(async () => {
    await connection.close();
  });

  const valid = () => ({ orderNo: newOrderNo(), amountFen: 1_200, description: 'Tea', product: 'native' });

  /** Rows here, and calls and trades at WeChat Pay. */
  async function traces() {
    const [rows] = await sql`
      select (select count(*) from orders) as orders, (select count(*) from attempts) as attempts,
             (select count(*) from notify_inbox) as inbox, (select count(*) from evidence) as evidence`;
    const calls = await stack.control('GET', '/calls');
    return { rows: { ...rows }, calls, trades: await stack.control('GET', '/trades') };
  }
  async function refused<T>(call: () => Promise<T>): Promise<T> {
    const before = await traces();
    const answer = await call();
    expect(await traces()).toEqual(before);
    return answer;
  }
  async function expectProblem(status: number, code: string, call: () => Promise<Answer<Problem>>): Promise<void> {
    const answer = await refused(call);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer).toMatchObject({ status, body: { status, code } });
    const { title, requestId } = answer.body;
    expect([typeof title, typeof requestId]).toEqual(['string', 'string']);
  }
  const post = (body: unknown, key?: string) => stack.api<Problem>('POST', '/v1/orders', body, key);

  test.each<[string, unknown]>([
    ['JSON that breaks off', '{"orderNo":'],
    ['a list', '[]'],
    ['text', '"order"'],
    ['nothing', ''],
    ['an amount of 0', { amountFen: 0 }],
    ['a negative amount', { amountFen: -1 }],
    ['a fraction of a fen', { amountFen: 0.5 }],
    ['an amount over the limit', { amountFen: 1_000_000_001 }],
    ['an amount as text', { amountFen: '1200' }],
    ['an order number of 5', { orderNo: 'A-123' }],
    ['an order number of 33', { orderNo: 'A'.repeat(33) }],
    ['an order number with a star', { orderNo: 'A-1001*2' }],
    ['an order number with a space', { orderNo: 'A 10012' }],
    ['an order number in Chinese', { orderNo: '订单一〇〇一号' }],
    ['an order number as a number', { orderNo: 1_001_001 }],
    ['59 seconds to pay', { expiresInSeconds: 59 }],
    ['a second more than seven days', { expiresInSeconds: 604_801 }],
    ['a description of 43 Chinese characters, 129 bytes', { description: '茶'.repeat(43) }],
    ['an attach of 43 Chinese characters', { attach: '茶'.repeat(43) }],
    ['an openid of 43 Chinese characters', { product: 'jsapi', payer: { openid: '茶'.repeat(43) } }],
    ['metadata over 4 KB in Chinese', { metadata: { note: '茶'.repeat(1_400) } }],
    ['JSAPI without openid', { product: 'jsapi' }],
    ['mini program without openid', { product: 'miniProgram' }],
    ['H5 without client IP', { product: 'h5' }],
    ['H5 with a client IP that is none', { product: 'h5', clientIp: '999.1.1.1' }],
    ['an unknown product', { product: 'micropay' }],
    ['an unknown field', { amount: 1_200 }],
  ])('%s', async (_, change) => {
    const body =
      typeof change === 'string' ? change : Array.isArray(change) ? change : { ...valid(), ...(change as object) };
    await expectProblem(400, 'invalid_request', () => post(body));
  });

  test('a body over its limit, whose connection goes on', async () => {
    for (const times of [1, 2, 3]) {
      await expectProblem(413, 'body_too_large', () => post({ ...valid(), description: 'x'.repeat(260 * 1024) }));
      expect((await post(valid())).status, `after ${times}`).toBeOneOf([201, 202]);
    }
  });

  test('another body under a number in use', async () => {
    const order = valid();
    expect((await post(order)).status).toBeOneOf([201, 202]);
    await expectProblem(409, 'order_conflict', () => post({ ...order, amountFen: 1_201 }));
  });

  test('an order that does not exist', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/sync'],
      ['POST', '/close'],
    ] as const) {
      await expectProblem(404, 'order_not_found', () =>
        stack.api<Problem>(method, `/v1/orders/${newOrderNo()}${path}`),
      );
    }
  });

  describe('keys', () => {
    async function keyOf(mchid: string, isRevoked = false): Promise<string> {
      const at = new Date();
      const { key, hash } = newApiKey('merchant', 'live');
      const { id } = await insertApiKey(connection.db, {
        kind: 'merchant',
        name: null,
        mchids: [parsed(mchid)],
        hash,
        at,
      });
      if (isRevoked) await revokeApiKey(connection.db, id, at);
      return key;
    }

    test('no key, a wrong one, one that is none, a revoked one', async () => {
      for (const key of ['', newApiKey('merchant', 'live').key, 'psk', await keyOf(stack.dev.mchid, true)]) {
        await expectProblem(401, 'unauthorized', () => post(valid(), key));
      }
    });

    test("another merchant's key sees nothing of the order, and a foreign mchid is forbidden", async () => {
      const order = valid();
      expect((await post(order)).status).toBeOneOf([201, 202]);
      const foreign = await keyOf('1999999999');
      await expectProblem(404, 'order_not_found', () =>
        stack.api<Problem>('GET', `/v1/orders/${order.orderNo}`, undefined, foreign),
      );
      await expectProblem(403, 'forbidden', () =>
        stack.api<Problem>('GET', `/v1/orders/${order.orderNo}?mchid=${stack.dev.mchid}`, undefined, foreign),
      );
    });

    test("a merchant's key on an operator's call", async () => {
      await expectProblem(403, 'forbidden', () => stack.api<Problem>('GET', '/v1/inbox'));
    });
  });

  test('a notify for an unknown merchant, or a forged one for a known one, is told to come again', async () => {
    const send = async (mchid: string) => {
      const headers = {
        'Wechatpay-Timestamp': String(Math.floor(Date.now() / 1_000)),
        'Wechatpay-Nonce': 'nonce',
        'Wechatpay-Signature': 'c2lnbmF0dXJl',
        'Wechatpay-Serial': 'PUB_KEY_ID_0116000000012026000000000000001',
        'Content-Type': 'application/json',
      };
      const url = `${stack.dev.apiUrl}/notify/wechatpay/v3/${mchid}`;
      const response = await fetch(url, { method: 'POST', headers, body: '{}' });
      return { status: response.status, body: (await response.json()) as Problem };
    };
    for (const [mchid, status] of [
      ['1999999999', 404],
      ['not-a-number', 404],
      [stack.dev.mchid, 401],
    ] as const) {
      expect(await refused(() => send(mchid))).toMatchObject({ status, body: { code: 'FAIL' } });
    }
  });
});

function parsed(text: string): Mchid {
  const mchid = parseMchid(text);
  if (!mchid.ok) throw new Error(mchid.error);
  return mchid.value;
}

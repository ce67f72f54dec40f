import { createPublicKey, verify, X509Certificate, type KeyObject } from 'node:crypto';
import type { AttemptView, OrderView } from '../../src/orders/api/order-schema.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { booksOf } from '../support/books.js';
import { newOrderNo, useStack } from '../support/dev-stack.js';

type Merchant = { readonly mchid: string; readonly appid: string; readonly certificatePem: string };
type Fields = Readonly<Record<string, string>>;

describe('an order of each product', () => {
  const stack = useStack();
  let merchant: Merchant;
  let publicKey: KeyObject;
  beforeAll(async () => {
    merchant = await stack.control<Merchant>('GET', '/merchant');
    publicKey = createPublicKey(
      new X509Certificate(merchant.certificatePem).publicKey.export({ type: 'spki', format: 'pem' }),
    );
  });

  const OPENID = 'o-the-payer';
  async function create(product: string, fields: object = {}): Promise<OrderView> {
    const body = { orderNo: newOrderNo(), amountFen: 2_500, description: 'A teapot', product, ...fields };
    const order = await stack.place(body);
    expect(order).toMatchObject({ state: 'awaitingPayment', attempts: [{ product, state: 'open' }] });
    return order;
  }
  const first = ({ attempts }: OrderView): AttemptView => {
    const [attempt] = attempts;
    if (attempt === undefined) throw new Error('an order has an attempt');
    return attempt;
  };
  const invokeOf = (order: OrderView): Fields => first(order).invoke ?? {};

  /** What WeChat's client does: the four lines, each ended by a line feed, under the merchant's key. */
  function expectSigned(lines: readonly (string | undefined)[], signature: string | undefined): void {
    const message = Buffer.from(lines.map((line) => `${line ?? ''}\n`).join(''));
    expect(verify('RSA-SHA256', message, publicKey, Buffer.from(signature ?? '', 'base64'))).toBe(true);
  }
  function expectFresh(timeStamp: string | undefined): void {
    expect(Math.abs(Date.now() / 1_000 - Number(timeStamp))).toBeLessThan(300);
  }

  async function payAndSee(order: OrderView, how: object): Promise<void> {
    const { transactionId } = await stack.control<{ transactionId: string }>('POST', '/pay', how);
    const paid = await stack.orderWhen(order.orderNo, ({ state }) => state === 'paid');
    expect(paid).toMatchObject({ paidFen: 2_500, attempts: [{ state: 'succeeded', paidFen: 2_500, transactionId }] });
    expect(paid.attempts.map(({ invoke }) => invoke)).toEqual([null]);
  }

  test('Native: paid by its code', async () => {
    const order = await create('native');
    const { codeUrl, h5Url, invoke } = first(order);
    expect(codeUrl).toMatch(/^weixin:\/\/wxpay\/bizpayurl/);
    expect({ h5Url, invoke }).toEqual({ h5Url: null, invoke: null });
    await payAndSee(order, { codeUrl });
  });

  test('JSAPI: the bridge parameters are signed, and only this payer can pay', async () => {
    const order = await create('jsapi', { payer: { openid: OPENID } });
    const invoke = invokeOf(order);
    expect(Object.keys(invoke).toSorted()).toEqual([
      'appId',
      'nonceStr',
      'package',
      'paySign',
      'signType',
      'timeStamp',
    ]);
    expect(invoke).toMatchObject({
      appId: merchant.appid,
      package: `prepay_id=${first(order).prepayId ?? ''}`,
      signType: 'RSA',
    });
    expectSigned([merchant.appid, invoke['timeStamp'], invoke['nonceStr'], invoke['package']], invoke['paySign']);
    expectFresh(invoke['timeStamp']);
    const { prepayId } = first(order);
    await expect(stack.control('POST', '/pay', { prepayId, openid: 'o-somebody-else' })).rejects.toThrow('wrong_payer');
    await payAndSee(order, { prepayId, openid: OPENID });
  });

  test('mini program: the same parameters without the appid, signed with it', async () => {
    const order = await create('miniProgram', { payer: { openid: OPENID } });
    const invoke = invokeOf(order);
    expect(Object.keys(invoke).toSorted()).toEqual(['nonceStr', 'package', 'paySign', 'signType', 'timeStamp']);
    expectSigned([merchant.appid, invoke['timeStamp'], invoke['nonceStr'], invoke['package']], invoke['paySign']);
    await payAndSee(order, { prepayId: first(order).prepayId, openid: OPENID });
  });

  test('App: the SDK parameters are signed over the bare prepay id', async () => {
    const order = await create('app');
    const invoke = invokeOf(order);
    const prepayId = first(order).prepayId ?? '';
    expect(invoke).toMatchObject({
      appId: merchant.appid,
      partnerId: merchant.mchid,
      prepayId,
      packageValue: 'Sign=WXPay',
    });
    expectSigned([merchant.appid, invoke['timeStamp'], invoke['nonceStr'], prepayId], invoke['sign']);
    await payAndSee(order, { prepayId });
  });

  test('H5: paid behind its link', async () => {
    const order = await create('h5', { clientIp: '203.0.113.7', h5Type: 'Wap' });
    const { h5Url, invoke, codeUrl } = first(order);
    expect({ invoke, codeUrl }).toEqual({ invoke: null, codeUrl: null });
    const prepayId = new URL(h5Url ?? '').searchParams.get('prepay_id');
    await payAndSee(order, { prepayId });
  });

  test('each answer signs afresh', async () => {
    const order = await create('jsapi', { payer: { openid: OPENID } });
    const again = (await stack.api('GET', `/v1/orders/${order.orderNo}`)).body;
    expect(invokeOf(again)['nonceStr']).not.toBe(invokeOf(order)['nonceStr']);
    expect(invokeOf(again)['package']).toBe(invokeOf(order)['package']);
    const books = await booksOf(stack);
    expect(books).toEqual({ differenceFen: 0, differing: [] });
  });
});

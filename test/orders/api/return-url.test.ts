import { beforeEach, describe, expect, it } from 'vitest';
import type { OrderView } from '../../../src/orders/api/order-schema.js';
import { json, MCHID, orderBody, useTestApp } from '../../http/support/test-app.js';

const test = useTestApp();
const SHOP = 'https://shop.example.com';
const RETURN_URL = `${SHOP}/orders?id=7&lang=zh-CN&q=%E8%8C%B6`;

const declare = (...returnOrigins: string[]) => {
  const merchant = test.deps().merchants.of(MCHID);
  if (merchant === undefined) throw new Error('no such merchant');
  test.merchants.set(MCHID, { ...merchant, returnOrigins });
};
beforeEach(() => declare(SHOP, 'http://localhost:3000'));

const post = (orderNo: string, returnUrl?: string) =>
  test.send('POST', '/v1/orders', {
    body: { ...orderBody(orderNo), ...(returnUrl === undefined ? {} : { returnUrl }) },
  });

describe("an order's returnUrl", () => {
  it('is kept and answered as it was written, and null where none was given', async () => {
    const orderNo = test.newOrderNo();
    expect(await json<OrderView>(await post(orderNo, RETURN_URL))).toMatchObject({ returnUrl: RETURN_URL });
    expect((await test.load(orderNo)).returnUrl).toBe(RETURN_URL);
    expect(await json<OrderView>(await post(test.newOrderNo()))).toMatchObject({ returnUrl: null });
  });

  it('may be of this machine in the clear', async () => {
    expect((await post(test.newOrderNo(), 'http://localhost:3000/back')).status).toBe(201);
  });

  it.each<[string, string]>([
    ['http', 'http://shop.example.com/'],
    ['no URL', 'shop.example.com/orders'],
    ['another scheme', 'javascript:alert(1)//shop.example.com'],
    ['a user', 'https://shop.example.com@evil.example/'],
    ['an empty user', 'https://@shop.example.com/'],
    ['a fragment', 'https://shop.example.com/#paid'],
    ['a backslash', 'https://shop.example.com\\@evil.example/'],
    ['a line end', 'https://shop.example.com/\n'],
    ['a space', ' https://shop.example.com/'],
    ['what is not ASCII', 'https://shop.example.com/茶'],
    ['513 bytes', `${SHOP}/${'x'.repeat(513 - SHOP.length - 1)}`],
    ['a parameter of ours', 'https://shop.example.com/?paysaga_state=paid'],
    ['a parameter of ours in disguise', 'https://shop.example.com/?%70aysaga_state=paid'],
    ['an origin that is not declared', 'https://evil.example/'],
    ['a subdomain of a declared origin', 'https://a.shop.example.com/'],
    ['another port', 'https://shop.example.com:8443/'],
    ['an origin that begins like a declared one', 'https://shop.example.com.evil.example/'],
  ])('is refused by its name where it has %s', async (_, returnUrl) => {
    const answer = await post(test.newOrderNo(), returnUrl);
    expect(answer.status).toBe(400);
    const problem = await json<{ code: string; detail: string }>(answer);
    expect(problem.code).toBe('invalid_request');
    expect(problem.detail).toContain('returnUrl: ');
    expect(problem.detail).not.toContain(returnUrl);
  });

  it('of 512 bytes is taken', async () => {
    expect((await post(test.newOrderNo(), `${SHOP}/${'x'.repeat(512 - SHOP.length - 1)}`)).status).toBe(201);
  });

  it('is refused for a merchant that declares no origins', async () => {
    declare();
    expect((await post(test.newOrderNo(), RETURN_URL)).status).toBe(400);
  });

  it('makes another body: a repeat has the same one, also once the origin is declared no more', async () => {
    const orderNo = test.newOrderNo();
    expect((await post(orderNo, RETURN_URL)).status).toBe(201);
    expect((await post(orderNo, RETURN_URL)).status).toBe(200);
    expect((await post(orderNo, `${RETURN_URL}&more=1`)).status).toBe(409);
    expect((await post(orderNo)).status).toBe(409);
    declare();
    expect((await post(orderNo, RETURN_URL)).status).toBe(200);
  });
});

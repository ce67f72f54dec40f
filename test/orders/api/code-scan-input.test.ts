import { beforeEach, describe, expect, it } from 'vitest';
import { json, MCHID, orderBody, useTestApp } from '../../http/support/test-app.js';

const test = useTestApp();
const AUTH_CODE = '131234567890123456';

beforeEach(() => {
  const merchant = test.merchants.get(MCHID);
  if (merchant === undefined) throw new Error('no merchant');
  test.merchants.set(MCHID, { ...merchant, appids: { ...merchant.appids, codeScan: ['wxtill'] } });
});

const till = { device: { id: 'till-1', ip: '203.0.113.7' }, store: { outId: 'shop-7' } };
const scanned = { product: 'codeScan', payer: { authCode: AUTH_CODE }, ...till };
const order = (change: object) => ({ ...orderBody(test.newOrderNo()), ...scanned, ...change });
const post = (body: unknown, path = '/v1/orders') => test.send('POST', path, { body });

type Refused = readonly [field: string, what: string, change: object];

const ofCodeScan: readonly Refused[] = [
  ['payer.authCode', 'is required', { payer: undefined }],
  ['payer.authCode', 'is required', { payer: {} }],
  ['payer.authCode', 'must be the 18 digits', { payer: { authCode: `${AUTH_CODE}7` } }],
  ['payer.authCode', 'must be the 18 digits', { payer: { authCode: AUTH_CODE.slice(1) } }],
  ['payer.authCode', 'must be the 18 digits', { payer: { authCode: `${AUTH_CODE.slice(1)}x` } }],
  ['payer.authCode', '', { payer: { authCode: Number(AUTH_CODE.slice(3)) } }],
  ['payer.openid', 'is not for codeScan', { payer: { authCode: AUTH_CODE, openid: 'o1' } }],
  ['device', 'is required', { device: undefined }],
  ['device.ip', '', { device: { id: 'till-1' } }],
  ['device.ip', '', { device: { ip: 'the-till' } }],
  ['device.id', '', { device: { id: 'x'.repeat(33), ip: '203.0.113.7' } }],
  ['device', '', { device: { ip: '203.0.113.7', name: 'x' } }],
  ['store', 'is required', { store: undefined }],
  ['store', '', { store: {} }],
  ['store', '', { store: { id: '1', outId: 'shop-7' } }],
  ['store.id', 'must be 1 to 32 digits', { store: { id: 'shop-7' } }],
  ['store.outId', '', { store: { outId: 'x'.repeat(33) } }],
  ['clientIp', 'is not for codeScan', { clientIp: '203.0.113.9' }],
  ['h5Type', 'is only for h5', { h5Type: 'Wap' }],
];

/** A number of the code's that no problem and no log may hold. */
const DIGITS = AUTH_CODE.slice(3, -1);

describe('a code scan that is refused', () => {
  it.each(ofCodeScan)('names %s (%s): %o', async (field, what, change) => {
    const answer = await post(order(change));
    expect(answer.status).toBe(400);
    const problem = await json<{ code: string; detail: string }>(answer);
    expect(problem.code).toBe('invalid_request');
    expect(problem.detail).toContain(`${field}: ${what}`);
    expect(JSON.stringify(problem)).not.toContain(DIGITS);
    expect(test.logLines.join('')).not.toContain(DIGITS);
    expect(test.orders.calls).toEqual([]);
  });

  it.each(ofCodeScan)('names %s (%s) of a further attempt too: %o', async (field, what, change) => {
    const orderNo = await test.placeOrder();
    const answer = await post({ ...scanned, ...change }, `/v1/orders/${orderNo}/attempts`);
    expect(answer.status).toBe(400);
    expect((await json<{ detail: string }>(answer)).detail).toContain(`${field}: ${what}`);
  });

  it.each([
    ['payer.authCode', { payer: { authCode: AUTH_CODE } }],
    ['device', { device: till.device }],
    ['store', { store: till.store }],
  ])('names %s of another product, which takes none', async (field, change) => {
    const answer = await post({ ...orderBody(test.newOrderNo()), ...change });
    expect(answer.status).toBe(400);
    const { detail } = await json<{ detail: string }>(answer);
    expect(detail).toContain(`${field}: is only for codeScan`);
    expect(detail).not.toContain(DIGITS);
  });

  it('says that a merchant charges no codes', async () => {
    const merchant = test.merchants.get(MCHID);
    if (merchant !== undefined) test.merchants.set(MCHID, { ...merchant, appids: { native: ['wxnative'] } });
    const answer = await post(order({}));
    const { detail } = await json<{ detail: string }>(answer);
    expect([answer.status, detail]).toEqual([400, 'product: this merchant has no appid configured for codeScan']);
  });
});

describe('a code scan that is taken', () => {
  it.each([
    ["with IPv6 and WeChat Pay's number of the store", { device: { ip: '2001:db8::7' }, store: { id: '314159' } }],
    ["with the till's own number", {}],
  ])('%s keeps its code in the row alone', async (_, change) => {
    const body = order(change);
    test.orders.answers.create = () => Promise.resolve('answered');
    const answer = await post(body);
    expect(answer.status).toBe(202);
    const { sql } = test.connection;
    const [row] = await sql`select auth_code, till from attempts where order_no = ${body.orderNo}`;
    expect(row).toEqual({ auth_code: AUTH_CODE, till: { device: body.device, store: body.store } });
    const read = await test.send('GET', `/v1/orders/${body.orderNo}`);
    const said = [await answer.text(), await read.text(), ...test.logLines, JSON.stringify(test.orders.calls)];
    expect(said.join('')).not.toContain(DIGITS);
  });

  it('is said by neither answer nor log where Postgres refuses the row', async () => {
    await test.connection.sql`alter table attempts add constraint no_tills check (till is null) not valid`;
    try {
      const answer = await post(order({}));
      expect(answer.status).toBe(500);
      expect([await answer.text(), ...test.logLines].join('')).not.toContain(DIGITS);
      expect(test.logLines.join('')).toContain('no_tills');
    } finally {
      await test.connection.sql`alter table attempts drop constraint no_tills`;
    }
  });
});

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ClientRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { codeScanned } from '../support/code-scan.js';
import { useSaga } from '../support/saga.js';

/* A merchant of API v3 whose payers' codes are charged over API v2. */
const saga = useSaga({ codeScan: 'v2' });

/** What of WeChat Pay's API is called, without what it is called about. */
const called = new Set<string>();
const CALLED = 'http.client.request.start';
const record = (message: unknown): void => {
  if (typeof message !== 'object' || message === null || !('request' in message)) return;
  const { request } = message;
  if (!(request instanceof ClientRequest) || !/^\/(v3|pay|secapi)\//.test(request.path)) return;
  called.add(request.path.replace(/\?.*/, '').replace(/(?<=out-trade-no\/)[^/]+/, '*'));
};
beforeAll(() => subscribe(CALLED, record));
afterAll(() => void unsubscribe(CALLED, record));
beforeEach(() => called.clear());

const QUERY = '/v3/pay/transactions/out-trade-no/*';

it('is charged over API v2, and asked about over API v3', async () => {
  const { status, body } = await saga.createOrder(await codeScanned(saga.gateway));
  expect([status, body.state, body.paidFen]).toEqual([201, 'paid', 1200]);
  expect([...called].sort()).toEqual(['/pay/micropay', QUERY]);
});

it('is reversed with its certificate when the till gives up', async () => {
  const { orderNo } = await saga.createOrder(await codeScanned(saga.gateway, { payer: 'silent' }));
  const { body } = await saga.call('POST', `/v1/orders/${orderNo}/close`, {});
  expect([body.state, body.closedReason, body.paidFen]).toEqual(['closed', 'reversed', 0]);
  expect([...called].sort()).toEqual(['/pay/micropay', '/secapi/pay/reverse', QUERY]);
  expect(await saga.gateway.trade(orderNo)).toMatchObject({ trade_state: 'REVOKED' });
});

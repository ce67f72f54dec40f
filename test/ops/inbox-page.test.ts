import { beforeEach, expect, it } from 'vitest';
import { markInbox, receiveNotify } from '../../src/inbox/store/receive.js';
import type { Mchid } from '../../src/base/ids.js';
import type { FakeNotify } from '../http/support/fake-gateway.js';
import { MCHID, OTHER_MCHID, useTestApp } from '../http/support/test-app.js';
import { signedIn, type Operator } from './support/operator.js';

const test = useTestApp();

let operator: Operator;
beforeEach(async () => {
  operator = await signedIn(test, (await test.operatorKey()).key);
});

let sequence = 0;
function receive(outTradeNo: string, mchid: Mchid = MCHID) {
  sequence += 1;
  return receiveNotify(test.connection.db, {
    ...{ mchid, protocol: 'v3', kind: 'payment', eventType: 'TRANSACTION.SUCCESS' },
    ...{ key: `key-${sequence}`, outTradeNo, serialNo: 'PUB_KEY_ID_1' },
    ...{ rawBody: Buffer.from('raw-canary'), headers: {} },
    evidence: {
      ...{ transactionId: `tx-${sequence}`, mchid, appid: 'wxnative', tradeType: 'NATIVE' },
      ...{ totalFen: 1200, currency: 'CNY' },
    },
    receivedAt: new Date(test.clock.now.getTime() + sequence),
  });
}

/** A row that a build kept which did not understand it. */
const receiveOther = (notify: FakeNotify) =>
  receiveNotify(test.connection.db, {
    ...{ mchid: MCHID, protocol: 'v3', kind: 'other', eventType: 'COMPLAINT.CREATE', key: notify.key },
    ...{ outTradeNo: null, serialNo: 'PUB_KEY_ID_1', evidence: { originalType: null } },
    ...{ rawBody: Buffer.from(JSON.stringify(notify)), headers: {}, receivedAt: test.clock.now },
  });

const redrivePath = (id: string) => `/ops/inbox/${MCHID}/${id}/redrive`;

it('lists what is unfinished, newest first, and what can be delivered again', async () => {
  const number = await test.placeOrder();
  const waiting = await receive(number);
  const unmatched = await receive('B-<b>"');
  const told = await receive(await test.placeOrder());
  await markInbox(test.connection.db, told.id, 'signalled', test.clock.now);
  const html = await (await operator.get('/ops/inbox?lang=en')).text();
  expect(html.indexOf('B-&lt;b&gt;')).toBeGreaterThan(0);
  expect(html.indexOf('B-&lt;b&gt;')).toBeLessThan(html.indexOf(number));
  expect(html).toContain(redrivePath(waiting.id));
  expect(html).not.toContain(unmatched.id);
  expect(html).not.toContain(told.id);
  expect(html).not.toContain('canary');
  expect(html).toContain(`/ops/orders/${MCHID}/${number}`);
  const finished = await (await operator.get('/ops/inbox?view=signalled')).text();
  expect(finished).toContain(redrivePath(told.id));
});

it('keeps what is of another kind in a list of its own, and reads it again when it is asked to', async () => {
  const number = await test.placeOrder();
  const row = await receiveOther({ key: 'other-1', outTradeNo: number });
  const waiting = await (await operator.get('/ops/inbox?lang=en')).text();
  expect(waiting).not.toContain(row.id);
  const html = await (await operator.get('/ops/inbox?view=unsupported&lang=en')).text();
  expect(html).toContain('COMPLAINT.CREATE');
  expect(html).toContain('data-status="unsupported"');
  expect(html).toContain(redrivePath(row.id));
  const form = await (await operator.get(`${redrivePath(row.id)}?lang=en`)).text();
  expect(form).toContain('This version reads the notify again');
  const sent = await operator.post(redrivePath(row.id), { reason: 'after the upgrade', confirm: 'yes' });
  expect(sent.status).toBe(303);
  expect(test.orders.callsOf('deliverEvidence')).toMatchObject([{ orderNo: number }]);
});

it('says that it still cannot deliver what this version does not handle', async () => {
  const row = await receiveOther({ key: 'other-2', outTradeNo: 'x', unsupported: true });
  const sent = await operator.post(redrivePath(row.id), { reason: 'x', confirm: 'yes' });
  expect([sent.status, /data-code="([^"]+)"/.exec(await sent.text())?.[1]]).toEqual([409, 'notify_unsupported']);
});

it('goes on page by page, and refuses a place that no page gave', async () => {
  const number = await test.placeOrder();
  for (let n = 0; n < 51; n += 1) await receive(number);
  const first = await (await operator.get('/ops/inbox?view=verified')).text();
  const next = /id="older"[^>]*href="([^"]+)"/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const second = await operator.get(next);
  expect(second.status).toBe(200);
  expect(await second.text()).not.toContain('id="older"');
  expect((await operator.get('/ops/inbox?view=verified&cursor=x')).status).toBe(400);
  expect(await (await operator.get('/ops/inbox?lang=en')).text()).toContain('Only the newest 50 of each');
});

it('a notify is delivered again with a reason, and the order tells of it', async () => {
  const number = await test.placeOrder();
  const row = await receive(number);
  expect((await operator.get(redrivePath(row.id))).status).toBe(200);
  const answer = await operator.post(redrivePath(row.id), { reason: 'the worker was down', confirm: 'yes' });
  expect(answer.headers.get('location')).toBe(`/ops/orders/${MCHID}/${number}?done=redrive`);
  expect(test.orders.callsOf('deliverEvidence')).toMatchObject([{ orderNo: number }]);
  expect(await test.actionsOf(number)).toMatchObject([{ action: 'redrive', reason: 'the worker was down' }]);
});

it('one that no order fits has nowhere to go, and another’s is not there', async () => {
  const unmatched = await receive('B-9999998');
  const form = await (await operator.get(`${redrivePath(unmatched.id)}?lang=en`)).text();
  expect(form).toContain('id="not-possible"');
  const sent = await operator.post(redrivePath(unmatched.id), { reason: 'x', confirm: 'yes' });
  expect([sent.status, /data-code="([^"]+)"/.exec(await sent.text())?.[1]]).toEqual([404, 'order_not_found']);
  const foreign = await receive('B-9999997', OTHER_MCHID);
  expect((await operator.get(redrivePath(foreign.id))).status).toBe(404);
  expect((await operator.get(`/ops/inbox?mchid=${OTHER_MCHID}`)).status).toBe(403);
});

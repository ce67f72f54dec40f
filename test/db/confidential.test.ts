import { expect, test } from 'vitest';
import { beginPrepay, recordPrepayOpened } from '../../src/orders/store/prepay.js';
import { listEvidence } from '../../src/orders/store/evidence.js';
import { loadEventToSend } from '../../src/shop-events/store/delivery.js';
import { listEvents } from '../../src/shop-events/store/outbox.js';
import { listInbox } from '../../src/inbox/store/inbox.js';
import { receiveNotify, findUnsignalled } from '../../src/inbox/store/receive.js';
import { listOrders } from '../../src/orders/store/list.js';
import { loadOrder } from '../../src/orders/store/order.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import { fileDatabase } from './database.js';
import { CREATED_AT, LATER, MCHID, outTradeNo, paid } from './fixtures.js';
import { moved, reserved, standing, succeeded } from './refunds.js';

const database = fileDatabase();
const PAYER = 'oPayerWhoMustNotBeNamed';

test('no body of an event names the payer, their address, or lets anybody pay', async () => {
  const placed = await database.place({ product: 'jsapi', openid: PAYER, clientIp: '203.0.113.9' });
  const ref = { mchid: MCHID, orderNo: placed.orderNo, outTradeNo: outTradeNo(placed) };
  await beginPrepay(database.db, ref, JSON.stringify({ payer: { openid: PAYER } }), LATER);
  const codes = { codeUrl: 'weixin://code', prepayId: 'wx-prepay', h5Url: 'https://h5' };
  await recordPrepayOpened(database.db, { ...ref, codes, codeExpiresAt: LATER, now: LATER });
  const order = await standing(database.db, placed);
  await projectOrder(database.db, paid(order), LATER);
  await moved(database.db, await reserved(database.db, order), succeeded());

  const events = await listEvents(database.db, order);
  const bodies = await Promise.all(events.map((event) => loadEventToSend(database.db, event.id)));

  const text = JSON.stringify([events, bodies.map((event) => event?.body)]);
  expect(bodies.map((event) => event?.type)).toEqual(['order.paid', 'refund.succeeded']);
  expect(text).toContain('cold tea');
  expect(text).not.toContain(PAYER);
  expect(text).not.toContain('203.0.113.9');
  expect(text).not.toMatch(/weixin|wx-prepay|h5|codeUrl|prepayId|invoke|checkoutUrl|hash/i);
});

test('no record that is read names the payer, their address, or holds raw bytes', async () => {
  const order = await database.place({ product: 'jsapi', openid: PAYER, clientIp: '203.0.113.9' });
  const ref = { mchid: MCHID, orderNo: order.orderNo, outTradeNo: outTradeNo(order) };
  await beginPrepay(database.db, ref, JSON.stringify({ payer: { openid: PAYER } }), LATER);
  const codes = { codeUrl: null, prepayId: 'wx2026', h5Url: null };
  await recordPrepayOpened(database.db, { ...ref, codes, codeExpiresAt: LATER, now: LATER });
  const received = await receiveNotify(database.db, {
    ...ref,
    protocol: 'v3',
    kind: 'payment',
    eventType: 'TRANSACTION.SUCCESS',
    key: 'one',
    serialNo: 'PUB_KEY_ID_1',
    rawBody: Buffer.from(PAYER),
    headers: { 'wechatpay-signature': PAYER },
    evidence: {
      transactionId: '4200',
      mchid: MCHID,
      appid: 'wx0000000000000001',
      tradeType: 'JSAPI',
      totalFen: 1_200,
      currency: 'CNY',
      ...{ payer: { openid: PAYER } },
    },
    receivedAt: CREATED_AT,
  });

  const read = [
    received,
    await loadOrder(database.db, order),
    await listOrders(database.db, { mchids: [MCHID], limit: 10 }),
    await listEvidence(database.db, order),
    await listInbox(database.db, { limit: 10 }),
    await findUnsignalled(database.db, LATER, 10),
  ];

  const text = JSON.stringify(read);
  expect(text).toContain(order.orderNo);
  expect(text).not.toContain(PAYER);
  expect(text).not.toContain('203.0.113.9');
  expect(text).not.toMatch(/raw|headers|prepayBody|hash-of-key/i);
});

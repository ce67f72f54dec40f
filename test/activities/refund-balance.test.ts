import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import { createRefundActivities } from '../../activities/refunds.js';
import { lastGatewayCall } from '../../src/orders/store/gateway-call.js';
import { fileDatabase } from '../db/database.js';
import { mchid } from '../channels/support/values.js';
import { CREATED_AT } from '../db/fixtures.js';
import { paidOrder, reserved } from '../db/refunds.js';
import { fakeGateway } from '../http/support/fake-gateway.js';

const database = fileDatabase();

const refusal = { status: 403, code: 'NOT_ENOUGH', message: '', detail: null } as const;
const gateway = {
  ...fakeGateway(mchid('1900000001')),
  refund: () => Promise.resolve({ kind: 'notEnough', refusal } as const),
};

test.each([
  { trouble: null, attempt: 1, againInMs: 0 },
  { trouble: 'merchant_balance', attempt: 1, againInMs: 10_000 },
  { trouble: 'merchant_balance', attempt: 9, againInMs: 600_000 },
] as const)('a refund that the balance does not cover says when it is tried again: %j', async (given) => {
  const order = await paidOrder(database);
  const refund = await reserved(database.db, order, {});
  const activities = createRefundActivities({
    db: database.db,
    gateways: { for: () => gateway },
    now: () => CREATED_AT,
  });
  const { mchid, orderNo, outTradeNo, outRefundNo } = refund;
  const input = { mchid, orderNo, outTradeNo, outRefundNo, patience: 'durable', trouble: given.trouble } as const;
  const environment = new MockActivityEnvironment({ attempt: given.attempt });
  const reply = environment.run(() => activities.applyRefund(input));
  if (given.trouble === null) expect(await reply).toEqual({ kind: 'trouble', reason: 'merchant_balance' });
  else await expect(reply).rejects.toMatchObject({ type: 'merchant_balance', nextRetryDelay: given.againInMs });
  expect(await lastGatewayCall(database.db, order)).toMatchObject({
    api: 'refund',
    nextAt: new Date(CREATED_AT.getTime() + given.againInMs),
  });
});

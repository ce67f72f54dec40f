import { describe, expect, it } from 'vitest';
import { insertApiKey } from '../../src/access/store/api-key.js';
import { newApiKey } from '../../src/cli/keys.js';
import { sweep } from '../support/resume-later.js';
import { refunding } from '../support/refunds.js';
import { useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { decide } from '../../src/approvals/use-cases/decide.js';
import { TemporalUnavailable } from '../../src/temporal/call.js';

const shop = useShopEndpoint();
const saga = useSaga({ endpoint: shop, approval: { refundAboveFen: 500 } });
const refunds = refunding(saga);

type Withheld = { readonly status: number; readonly body: { readonly approvalId: string; readonly state: string } };

async function ask(orderNo: string, refundNo: string, amountFen: number, key = saga.apiKey): Promise<Withheld> {
  const { status, body }: { status: number; body: unknown } = await saga.call(
    'POST',
    `/v1/orders/${orderNo}/refunds?mchid=${saga.mchid}`,
    { refundNo, amountFen, reason: 'goods sent back' },
    key,
  );
  return { status, body: body as Withheld['body'] };
}
const decideAs = async (key: string, id: string, decision: string) =>
  (await saga.call('POST', `/v1/approvals/${id}?mchid=${saga.mchid}`, { decision, reason: 'seen it' }, key)).status;

async function person(name: string): Promise<{ key: string; id: string }> {
  const { key, hash } = newApiKey('operator', 'live');
  const terms = { kind: 'operator', name, mchids: [saga.mchid], hash, at: new Date() } as const;
  return { key, id: (await insertApiKey(saga.services.connection.db, terms)).id };
}

describe('a refund above what the merchant lets pass', () => {
  it('waits, with nothing at WeChat Pay, until another person approves it, and then goes back', async () => {
    const orderNo = await refunds.paid();
    const refundNo = refunds.newNo();
    const { status, body } = await ask(orderNo, refundNo, 800, saga.operatorKey);
    expect([status, body.state]).toEqual([202, 'approval_pending']);
    expect((await saga.order(orderNo)).explain).toMatchObject({ waitingFor: 'approval', actor: 'operator' });
    // Nothing begins by itself, however long it waits.
    await sweep(saga, 3_600_000);
    expect(await refunds.atWeChat(orderNo)).toEqual([]);
    expect(await decideAs(saga.operatorKey, body.approvalId, 'approve')).toBe(403);
    expect(await refunds.atWeChat(orderNo)).toEqual([]);

    const { key } = await person('Han Meimei');
    expect(await decideAs(key, body.approvalId, 'approve')).toBe(200);
    expect(await refunds.ended(refundNo, 'succeeded')).toMatchObject({ amountFen: 800 });
    expect(await refunds.atWeChat(orderNo)).toMatchObject([
      { out_refund_no: refundNo, refund: 800, status: 'SUCCESS' },
    ]);
    expect(await saga.order(orderNo)).toMatchObject({ refundedFen: 800, refundingFen: 0 });
    expect((await ask(orderNo, refundNo, 800)).status).toBe(200);
  });

  it('that is rejected leaves nothing at WeChat Pay', async () => {
    const orderNo = await refunds.paid();
    const refundNo = refunds.newNo();
    const { body } = await ask(orderNo, refundNo, 1_200);
    const { key } = await person('Han Meimei');
    expect(await decideAs(key, body.approvalId, 'reject')).toBe(200);
    expect(await decideAs(key, body.approvalId, 'approve')).toBe(409);
    await sweep(saga, 3_600_000);
    expect(await refunds.atWeChat(orderNo)).toEqual([]);
    const again = await ask(orderNo, refundNo, 1_200);
    expect([again.status, again.body.state]).toEqual([200, 'approval_rejected']);
    expect(await saga.order(orderNo)).toMatchObject({ refundedFen: 0, refundingFen: 0 });
  });

  it('is not lost by a crash between its approval and its workflow: the sweeper starts it', async () => {
    const orderNo = await refunds.paid();
    const refundNo = refunds.newNo();
    const { body } = await ask(orderNo, refundNo, 900);
    const { db } = saga.services.connection;
    const { id } = await person('Han Meimei');
    const asker = {
      actor: `Han Meimei (${id})`,
      reason: 'seen it',
      key: { id, name: 'Han Meimei', refundLimitFen: null },
    };
    const dead = { ...saga.services.refunds, start: () => Promise.reject(new TemporalUnavailable()) };
    const log = { warn: () => undefined };
    const deps = { ...saga.services, db, refunds: dead, log };
    await decide(deps, { mchid: saga.mchid, id: body.approvalId }, 'approve', asker);
    await expect(saga.refundWorkflow(refundNo).describe()).rejects.toThrow();
    expect(await refunds.atWeChat(orderNo)).toEqual([]);
    await sweep(saga, 2 * 60_000);
    await refunds.ended(refundNo, 'succeeded');
    expect(await refunds.atWeChat(orderNo)).toMatchObject([{ out_refund_no: refundNo, refund: 900 }]);
  });

  it('is no rule for what PaySaga gives back by itself', async () => {
    const orderNo = await refunds.paidLate();
    await refunds.orderWhen(orderNo, ({ returnedFen }) => returnedFen === 1_200);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { parseFen } from '../../../src/base/money.js';
import { GatewayError } from '../../../src/channels/port.js';
import type { QueriedRefund, RefundStatus } from '../../../src/orders/rules/gateway-answer.js';
import { TemporalUnavailable } from '../../../src/temporal/call.js';
import { fakeGateway } from '../../http/support/fake-gateway.js';
import { json, MCHID, problemCode, textWith, useTestApp } from '../../http/support/test-app.js';
import { must } from '../../orders/rules/fixtures.js';
import { moveRefund, refundNo, returnPayment } from './refund-steps.js';

const test = useTestApp();
const REASON = 'the payer waits for it';

let operator = '';
let number = '';
let own = '';
beforeEach(async () => {
  operator = (await test.operatorKey()).key;
  number = await test.placePaidOrder();
  own = await returnPayment(test, number);
  await moveRefund(test, own, { state: 'processing' });
});

const query = (no = own, body: unknown = { reason: REASON }, key = operator) =>
  test.send('POST', `/v1/refunds/${encodeURIComponent(no)}/query`, { key, body });
const refusalOf = async (answer: Response) => [answer.status, await problemCode(answer)];

function wechatSays(answer: () => Promise<QueriedRefund>): string[] {
  const asked: string[] = [];
  const queryRefund = ({ outRefundNo }: { outRefundNo: string }) => {
    asked.push(outRefundNo);
    return answer();
  };
  test.gateways.set(MCHID, { ...fakeGateway(MCHID), queryRefund });
  return asked;
}

const found = (status: RefundStatus) => (): Promise<QueriedRefund> =>
  Promise.resolve({
    kind: 'found',
    refund: {
      ...{ refundId: '5030000001', outRefundNo: own, outTradeNo: number, transactionId: '4200000001', status },
      ...{ refundFen: must(parseFen(1200)), totalFen: must(parseFen(1200)), successAtMs: null },
    },
    details: { channel: null, receivedAccount: null, acceptedAtMs: null },
  });

const callsOf = () => test.connection.sql`
  select out_trade_no, outcome from gateway_calls where order_no = ${number} and api = 'refundQuery' order by id`;

describe('a query of a refund', () => {
  it('is one call whose answer is kept with who asked and why', async () => {
    const asked = wechatSays(found('processing'));
    const answer = await query();
    expect(answer.status).toBe(200);
    expect(await json(answer)).toMatchObject({ refundNo: own, orderNo: number, state: 'processing' });
    expect(asked).toEqual([own]);
    expect(await callsOf()).toMatchObject([{ out_trade_no: number, outcome: 'found' }]);
    const said = { reason: REASON, actor: textWith(/^Li Lei/), outcome: 'processing', parameters: {} };
    expect(await test.actionsOf(number)).toMatchObject([{ action: 'queryRefund', out_refund_no: own, ...said }]);
    expect(test.refunds.callsOf('recheck')).toEqual([]);
  });

  it('changes no row by itself: the workflow is told to look where the answer differs', async () => {
    wechatSays(found('succeeded'));
    expect(await json(await query())).toMatchObject({ state: 'processing' });
    expect(test.refunds.callsOf('recheck')).toEqual([{ mchid: MCHID, outRefundNo: own }]);
    expect(await test.actionsOf(number)).toMatchObject([{ outcome: 'succeeded' }]);
  });

  it('of one that WeChat Pay does not know is told by its code, kept, and looked into', async () => {
    wechatSays(() => Promise.resolve({ kind: 'notExist' }));
    expect(await refusalOf(await query())).toEqual([404, 'refund_not_at_wechat']);
    expect(await test.actionsOf(number)).toMatchObject([{ outcome: 'notExist' }]);
    expect(test.refunds.callsOf('recheck')).toHaveLength(1);
  });

  it('without an answer stays asked for, as one request, and each call is kept', async () => {
    wechatSays(() => Promise.reject(new GatewayError('unknown', { gatewayCode: 'SYSTEM_ERROR' })));
    expect(await refusalOf(await query())).toEqual([503, 'outcome_pending']);
    wechatSays(() => Promise.resolve({ kind: 'unrecognised', status: 'ODD' }));
    expect(await refusalOf(await query())).toEqual([503, 'outcome_pending']);
    expect(await test.actionsOf(number)).toMatchObject([{ action: 'queryRefund', outcome: null }]);
    expect(await callsOf()).toMatchObject([{ outcome: 'SYSTEM_ERROR' }, { outcome: 'unrecognised' }]);
  });

  it('whose answer differs while Temporal is away stays asked for', async () => {
    wechatSays(found('closed'));
    test.refunds.answers.recheck = () => Promise.reject(new TemporalUnavailable());
    expect(await refusalOf(await query())).toEqual([503, 'outcome_pending']);
    expect(await test.actionsOf(number)).toMatchObject([{ outcome: null }]);
  });

  it.each([{}, { reason: '' }, { reason: 'x'.repeat(501) }, { reason: REASON, amountFen: 1 }])(
    'is refused as %j, and WeChat Pay is not asked',
    async (body) => {
      const asked = wechatSays(found('processing'));
      expect(await refusalOf(await query(own, body))).toEqual([400, 'invalid_request']);
      expect(asked).toEqual([]);
    },
  );

  it('is for operators, and for a refund that is there', async () => {
    const body = { reason: REASON };
    expect(await refusalOf(await query(own, body, test.merchantKey))).toEqual([403, 'forbidden']);
    expect(await refusalOf(await query(refundNo('R-none')))).toEqual([404, 'refund_not_found']);
    expect(await test.actionsOf(number)).toEqual([]);
  });
});

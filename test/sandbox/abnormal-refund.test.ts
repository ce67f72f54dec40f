import { beforeEach, describe, expect, it } from 'vitest';
import { control, tryControl, type Credentials } from './support/client.js';
import { startReceiver } from './support/receiver.js';
import { abnormalRefund, applyRefund, newRefundNo, paidTrade, queryRefund, refundBody } from './support/refund.js';
import { sealed } from './support/sealed.js';
import { useSandbox } from './support/use-sandbox.js';

const { sandbox, merchant } = useSandbox();
let outTradeNo: string;

beforeEach(async () => {
  await delay(86_400_000);
  ({ outTradeNo } = await paidTrade(sandbox, merchant));
});

const delay = (refundDelayMs: number) => control(sandbox, 'PUT', '/settings', { refundDelayMs });
const advance = (seconds: number) => control(sandbox, 'POST', '/clock', { advanceSeconds: seconds });
const settle = (outRefundNo: string, status: string) =>
  tryControl(sandbox, 'POST', `/refunds/${encodeURIComponent(outRefundNo)}/settle`, { status });
const statusOf = async (outRefundNo: string) => (await queryRefund(sandbox, merchant, outRefundNo)).json['status'];

async function refunded(notifyUrl?: string): Promise<string> {
  const outRefundNo = newRefundNo();
  const more = notifyUrl === undefined ? {} : { notify_url: notifyUrl };
  const reply = await applyRefund(sandbox, merchant, refundBody(outTradeNo, outRefundNo, 1200, more));
  expect(reply).toMatchObject({ status: 200, json: { status: 'PROCESSING' } });
  return outRefundNo;
}

describe('an abnormal refund', () => {
  const merchantCard = (outRefundNo: string) => ({ out_refund_no: outRefundNo, type: 'MERCHANT_BANK_CARD' });
  const cardOf = (sealing = merchant.publicKeyPem) => ({
    type: 'USER_BANK_CARD',
    bank_type: 'CMB_DEBIT',
    bank_account: sealed(sealing, '6225760000000001'),
    real_name: sealed(sealing, '李雷'),
  });

  async function abnormal(notifyUrl?: string): Promise<{ outRefundNo: string; refundId: string }> {
    const outRefundNo = await refunded(notifyUrl);
    const { json } = await settle(outRefundNo, 'ABNORMAL');
    return { outRefundNo, refundId: String(json['refund_id']) };
  }

  it("goes to the merchant's card and succeeds after refundDelayMs", async () => {
    const receiver = await startReceiver();
    const { outRefundNo, refundId } = await abnormal(receiver.url);
    await receiver.atLeast(1);
    await delay(60_000);
    const reply = await abnormalRefund(sandbox, merchant, refundId, merchantCard(outRefundNo));
    expect(reply).toMatchObject({ status: 200, json: { status: 'PROCESSING', refund_id: refundId } });
    await advance(61);
    expect((await queryRefund(sandbox, merchant, outRefundNo)).json).toMatchObject({
      status: 'SUCCESS',
      channel: 'OTHER_BANKCARD',
      user_received_account: '商户结算银行账户',
    });
    await receiver.atLeast(2);
    expect(receiver.received.map(({ json }) => json['event_type'])).toEqual(['REFUND.ABNORMAL', 'REFUND.SUCCESS']);
    await receiver.close();
  });

  it("goes to the payer's card when all of the card is named", async () => {
    const { outRefundNo, refundId } = await abnormal();
    const body = { ...cardOf(), out_refund_no: outRefundNo };
    const headers = { 'Wechatpay-Serial': merchant.publicKeyId };
    const unnamed = await abnormalRefund(sandbox, merchant, refundId, body);
    expect(unnamed.json).toMatchObject({ code: 'PARAM_ERROR', detail: { field: 'Wechatpay-Serial' } });
    for (const missing of ['bank_type', 'bank_account', 'real_name']) {
      expect(
        await abnormalRefund(sandbox, merchant, refundId, { ...body, [missing]: undefined }, { headers }),
      ).toMatchObject({
        status: 400,
        json: { code: 'PARAM_ERROR', detail: { field: `/${missing}` } },
      });
    }
    expect((await abnormalRefund(sandbox, merchant, refundId, body, { headers })).json['status']).toBe('PROCESSING');
  });

  it('takes no card that the named key does not open', async () => {
    const { outRefundNo, refundId } = await abnormal();
    const headers = { 'Wechatpay-Serial': merchant.publicKeyId };
    const clear = { bank_account: '6225760000000001' };
    const otherKey = { bank_account: sealed(merchant.platformCertificatePem, '6225760000000001') };
    for (const change of [clear, otherKey]) {
      const body = { ...cardOf(), ...change, out_refund_no: outRefundNo };
      const reply = await abnormalRefund(sandbox, merchant, refundId, body, { headers });
      expect(reply).toMatchObject({
        status: 400,
        json: { code: 'PARAM_ERROR', detail: { field: '/bank_account' } },
      });
    }
  });

  it('may end otherwise, and be tried again', async () => {
    const { outRefundNo, refundId } = await abnormal();
    const again = () => abnormalRefund(sandbox, merchant, refundId, merchantCard(outRefundNo));
    expect((await again()).json['status']).toBe('PROCESSING');
    expect((await settle(outRefundNo, 'ABNORMAL')).status).toBe(200);
    expect((await again()).json['status']).toBe('PROCESSING');
    expect((await settle(outRefundNo, 'CLOSED')).status).toBe(200);
  });

  it('is asked for once: the same call again gets it as it stands', async () => {
    const { outRefundNo, refundId } = await abnormal();
    const again = () => abnormalRefund(sandbox, merchant, refundId, merchantCard(outRefundNo));
    await again();
    expect((await again()).json['status']).toBe('PROCESSING');
    await settle(outRefundNo, 'SUCCESS');
    expect((await again()).json['status']).toBe('SUCCESS');
    const other = { ...cardOf(), out_refund_no: outRefundNo };
    const headers = { 'Wechatpay-Serial': merchant.publicKeyId };
    expect(await abnormalRefund(sandbox, merchant, refundId, other, { headers })).toMatchObject({
      status: 400,
      json: { code: 'INVALID_REQUEST' },
    });
  });

  it.each(['PROCESSING', 'SUCCESS', 'CLOSED'])('cannot be asked for while it is %s', async (status) => {
    const outRefundNo = await refunded();
    if (status !== 'PROCESSING') await settle(outRefundNo, status);
    const refundId = String((await queryRefund(sandbox, merchant, outRefundNo)).json['refund_id']);
    expect(await abnormalRefund(sandbox, merchant, refundId, merchantCard(outRefundNo))).toMatchObject({
      status: 400,
      json: { code: 'INVALID_REQUEST' },
    });
    expect(await statusOf(outRefundNo)).toBe(status);
  });

  it('is named by both of its numbers, by its own merchant', async () => {
    const { outRefundNo, refundId } = await abnormal();
    const other = await control<Credentials>(sandbox, 'POST', '/merchants', {});
    expect((await abnormalRefund(sandbox, other, refundId, merchantCard(outRefundNo))).status).toBe(404);
    for (const [id, number] of [
      [refundId, newRefundNo()],
      ['50000000000000000000000000000', outRefundNo],
    ] as const) {
      expect(await abnormalRefund(sandbox, merchant, id, merchantCard(number))).toMatchObject({
        status: 404,
        json: { code: 'RESOURCE_NOT_EXISTS' },
      });
    }
    expect(await statusOf(outRefundNo)).toBe('ABNORMAL');
  });
});

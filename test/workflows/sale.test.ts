import { expect, it } from 'vitest';
import { refunding } from '../support/refunds.js';
import { useSaga } from '../support/saga.js';

const saga = useSaga({ merchants: 2, protocol: 'v2' });

const DOCUMENT = { type: 'IDCARD', number: '110101199003074477', name: '李雷' };
const SALE = {
  clientIp: '::ffff:203.0.113.9',
  goodsTag: 'SPRING',
  detail: { goodsDetail: [{ merchantGoodsId: 'tea-50g', goodsName: '茶', quantity: 1, unitPriceFen: 1200 }] },
  limitPay: ['no_credit'],
  supportFapiao: true,
  sceneInfo: { deviceId: 'kiosk-2', storeInfo: { id: '0001', name: '腾大' } },
};
const GOODS = { merchantGoodsId: 'tea-50g', unitPriceFen: 1200, refundAmountFen: 200, refundQuantity: 1 };

it.each([
  ['v3', 0, { ...SALE, payer: { identity: DOCUMENT } }, { goodsDetail: [GOODS] }],
  ['v2', 1, SALE, {}],
] as const)(
  'an order over API %s that says all that WeChat Pay reads is paid and refunded, and no history tells of it',
  async (_, index, fields, more) => {
    const shop = saga.shops[index];
    if (shop === undefined) throw new Error('no such shop');
    const refunds = refunding(saga, shop);
    const orderNo = await refunds.paid(fields);
    const refundNo = refunds.newNo();
    const asked = { refundNo, amountFen: 200, fundsAccount: 'AVAILABLE', ...more };
    expect((await saga.call('POST', `/v1/orders/${orderNo}/refunds`, asked, shop.apiKey)).status).toBe(201);
    expect((await saga.call('POST', `/v1/orders/${orderNo}/refunds`, asked, shop.apiKey)).status).toBe(200);
    await refunds.ended(refundNo, 'succeeded');
    const [sent] = await saga.services.connection.sql`
      select prepay_body, to_jsonb(a)::text as row from attempts a where order_no = ${orderNo}`;
    expect(sent?.['prepay_body']).toContain('SPRING');
    expect(sent?.['prepay_body']).toContain('203.0.113.9');
    expect(sent?.['prepay_body']).not.toContain('::ffff');
    const histories = await Promise.all([
      saga.workflow(orderNo, shop).fetchHistory(),
      saga.refundWorkflow(refundNo, shop).fetchHistory(),
    ]);
    for (const text of [String(sent?.['row']), JSON.stringify(histories)]) {
      expect(text).not.toContain(DOCUMENT.number);
      expect(text).not.toContain(DOCUMENT.name);
    }
    expect(JSON.stringify(histories)).not.toContain('tea-50g');
  },
);

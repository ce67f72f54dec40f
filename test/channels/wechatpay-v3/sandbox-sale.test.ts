import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Gateway } from '../../../src/channels/port.js';
import type { PrepayProduct } from '../../../src/orders/rules/product.js';
import type { AttemptParameters } from '../../../src/orders/rules/record.js';
import { v2GatewayIn, v2MerchantOf } from '../support/sandbox-v2.js';
import type { KeyMode } from '../support/merchant.js';
import { sandboxUnderTest, type SandboxUnderTest } from '../support/sandbox.js';
import { attempt, outRefundNo, outTradeNo, refundOf } from '../support/values.js';

const durable = { patience: 'durable' } as const;

let sandbox: SandboxUnderTest;
beforeAll(async () => {
  sandbox = await sandboxUnderTest();
});
afterAll(() => sandbox.close());

const goods = { merchantGoodsId: 'tea', wechatpayGoodsId: '7', goodsName: '茶', quantity: 2, unitPriceFen: 600 };
const said = {
  openid: 'oBuyer',
  clientIp: '203.0.113.9',
  sale: {
    goodsTag: 'WXG',
    limitPay: ['no_credit'],
    supportFapiao: true,
    detail: { costPriceFen: 1300, invoiceId: 'i', goodsDetail: [goods] },
  },
  sceneInfo: { deviceId: 'kiosk', storeInfo: { id: '1', name: 'n', areaCode: '440305', address: 'a' } },
} satisfies Partial<AttemptParameters>;
const h5Info = { appName: 'Tea', appUrl: 'https://tea.example' };
const ofH5 = { h5Type: 'Wap', sceneInfo: { ...said.sceneInfo, h5Info } } as const;

async function opens(gateway: Gateway, product: PrepayProduct, changes: Partial<AttemptParameters>) {
  const number = outTradeNo(`sale-${product}-${String((count += 1))}`);
  const { appid } = sandbox.credentials;
  const body = gateway.prepayBody(attempt({ outTradeNo: number, appid, product, ...said, ...changes }));
  return gateway.prepay({ product, body, serial: changes.identity?.serial }, durable);
}
let count = 0;

test.each<PrepayProduct>(['native', 'jsapi', 'miniProgram', 'app', 'h5'])(
  'all that an order may say is taken for %s, by either API',
  async (product) => {
    const changes = product === 'h5' ? ofH5 : {};
    expect(await opens(sandbox.gateway('publicKey'), product, changes)).toMatchObject({ kind: 'opened' });
    const merchant = await v2MerchantOf(sandbox, sandbox.merchant('publicKey').credentials.gatewayUrls[0]);
    expect(await opens(v2GatewayIn(sandbox, merchant), product, changes)).toMatchObject({ kind: 'opened' });
  },
);

test.each<KeyMode>(['publicKey', 'certificates'])('an identity is sealed for WeChat Pay alone (%s)', async (mode) => {
  const gateway = sandbox.gateway(mode);
  const { serial, texts } = (await gateway.seal?.(['110101199003074477', '李雷'], durable)) ?? {
    serial: '',
    texts: [],
  };
  const [number = '', name = ''] = texts;
  const { publicKeyId, platformSerialNo } = sandbox.credentials;
  expect(serial).toBe(mode === 'publicKey' ? publicKeyId : platformSerialNo);
  const identity = { serial, type: 'IDCARD', number, name };
  expect(await opens(gateway, 'native', { identity })).toMatchObject({ kind: 'opened' });
  const altered = { ...identity, number: number.replace(/^./, number.startsWith('A') ? 'B' : 'A') };
  expect(await opens(gateway, 'native', { identity: altered })).toMatchObject({
    kind: 'refused',
    refusal: { code: 'PARAM_ERROR', detail: { field: '/payer/identity/number' } },
  });
});

test.each(['AVAILABLE', 'UNSETTLED'] as const)('a refund is paid from %s, by either API', async (fundsAccount) => {
  const gateway = sandbox.gateway('publicKey');
  const refunded = { merchantGoodsId: 'tea', unitPriceFen: 600, refundAmountFen: 405, refundQuantity: 1 };
  const paid = async (number: string) => {
    const { appid } = sandbox.credentials;
    const body = gateway.prepayBody(attempt({ outTradeNo: outTradeNo(number), appid }));
    await gateway.prepay({ product: 'native', body }, durable);
    await sandbox.payAndReceive(number);
    return { outTradeNo: outTradeNo(number), outRefundNo: outRefundNo(`R-${number}`) };
  };
  const v3 = refundOf({
    ...(await paid(`v3-${fundsAccount}`)),
    source: { fundsAccount, goodsDetail: [refunded] },
  });
  expect(await gateway.refund(v3, durable)).toMatchObject({ kind: 'accepted' });
  const merchant = await v2MerchantOf(sandbox, sandbox.merchant('publicKey').credentials.gatewayUrls[0]);
  const v2 = refundOf({ ...(await paid(`v2-${fundsAccount}`)), source: { fundsAccount } });
  expect(await v2GatewayIn(sandbox, merchant).refund(v2, durable)).toMatchObject({ kind: 'accepted' });
});

export const MCHID = '1900000001';

export const anOrder = (orderNo: string, change: Readonly<Record<string, unknown>> = {}) => ({
  orderNo,
  mchid: MCHID,
  version: 3,
  state: 'awaitingPayment',
  closedReason: null,
  reviewReason: null,
  stuckReason: null,
  amountFen: 1234,
  currency: 'CNY',
  paidFen: 0,
  payerFen: 0,
  refundedFen: 0,
  refundingFen: 0,
  returnedFen: 0,
  fulfilment: 'none',
  description: 'A cup of tea',
  metadata: null,
  expiresAt: '2026-03-01T11:00:00.000Z',
  createdAt: '2026-03-01T09:00:00.000Z',
  paidAt: null,
  closedAt: null,
  checkoutUrl: 'https://pay.example.com/pay/secret-token',
  attempts: [
    {
      outTradeNo: orderNo,
      product: 'native',
      state: 'open',
      codeUrl: 'weixin://wxpay/secret-code',
      prepayId: 'secret-prepay',
      h5Url: null,
      invoke: null,
      codeExpiresAt: null,
      transactionId: null,
      paidFen: 0,
      refundedFen: 0,
      refundingFen: 0,
    },
  ],
  refunds: [],
  ...change,
});

export const anExplanation = (change: Readonly<Record<string, unknown>> = {}) => ({
  waitingFor: 'gateway',
  since: '2026-03-01T06:48:00.000Z',
  nextStep: 'query again',
  nextAt: '2026-03-01T10:05:00.000Z',
  attempts: 7,
  lastAnswer: { api: 'query', at: '2026-03-01T09:59:00.000Z', outcome: 'gateway_timeout' },
  actor: 'operator',
  commands: ['paysaga recheck A-1001 --reason '],
  text: { zh: '微信支付没有回答。', en: 'WeChat Pay does not answer.' },
  ...change,
});

export const anEvent = (id: string) => ({
  id,
  type: 'order.paid',
  createdAt: '2026-03-01T09:10:00.000Z',
  deliveredAt: null,
  deliveries: [{ at: '2026-03-01T09:10:01.000Z', status: 0, outcome: 'timeout' }],
});

export const aDetail = (orderNo: string, change: Readonly<Record<string, unknown>> = {}) => ({
  ...anOrder(orderNo),
  evidence: [],
  events: [],
  explain: anExplanation(),
  ...change,
});

export const aRefund = (refundNo: string, change: Readonly<Record<string, unknown>> = {}) => ({
  refundNo,
  orderNo: 'A-1001',
  mchid: MCHID,
  outTradeNo: 'A-1001',
  amountFen: 1234,
  state: 'requested',
  cause: 'shop',
  reason: 'too late',
  offline: false,
  createdAt: '2026-03-01T10:00:00.000Z',
  succeededAt: null,
  ...change,
});

export const anInboxRow = (id: string) => ({
  id,
  mchid: MCHID,
  protocol: 'v3',
  kind: 'payment',
  eventType: 'TRANSACTION.SUCCESS',
  originalType: null,
  key: 'EV-1',
  status: 'unmatched',
  outTradeNo: 'A-1001',
  outRefundNo: null,
  orderNo: null,
  transactionId: '4200000001',
  amountFen: 1234,
  serialNo: 'PUB_KEY_ID_1',
  receivedAt: '2026-03-01T09:00:00.000Z',
  signalledAt: null,
  deliveries: 2,
});

import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { TradeType } from '../../trade/trade.js';
import { abnormalRefundOperation } from './abnormal-refund.js';
import type { Ledger, Operation } from './operation.js';
import { certificatesOperation } from './certificates.js';
import { closeOperation } from './close.js';
import { prepayOperation } from './prepay.js';
import { queryByOutTradeNo, queryByTransactionId } from './query.js';
import { refundQueryOperation, refundOperation } from './refund.js';
import { serveOperation, type WireDeps } from './serve.js';

/** The WeChat Pay API v3 that is served; other methods on its paths are answered with an empty 405. */
export function wireRoutes(ledger: Ledger, deps: WireDeps): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  const serve = (method: 'GET' | 'POST', path: string, operation: Operation) => {
    app.on(method, path, (c) => serveOperation(c, deps, operation));
    app.all(path, (c) => c.body(null, 405));
  };
  const transactions = '/v3/pay/transactions';
  serve('GET', '/v3/certificates', certificatesOperation);
  for (const [product, tradeType] of products) {
    serve('POST', `${transactions}/${product}`, prepayOperation(ledger, tradeType));
  }
  serve('GET', `${transactions}/out-trade-no/:id`, queryByOutTradeNo(ledger));
  serve('GET', `${transactions}/id/:id`, queryByTransactionId(ledger));
  serve('POST', `${transactions}/out-trade-no/:id/close`, closeOperation(ledger));
  const refunds = '/v3/refund/domestic/refunds';
  serve('POST', refunds, refundOperation(ledger));
  serve('GET', `${refunds}/:id`, refundQueryOperation(ledger));
  serve('POST', `${refunds}/:id/apply-abnormal-refund`, abnormalRefundOperation(ledger));
  return app;
}

const products: [string, TradeType][] = [
  ['native', 'NATIVE'],
  ['jsapi', 'JSAPI'],
  ['app', 'APP'],
  ['h5', 'MWEB'],
];

import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { Gateway } from '../../gateway.js';
import { abnormalRefundOperation } from './abnormal-refund.js';
import { certificatesOperation } from './certificates.js';
import { closeOperation } from './close.js';
import { prepayOperations } from './prepay.js';
import { queryOperations } from './query.js';
import { refundOperation, refundQueryOperation } from './refund.js';
import { serveOperation } from './serve.js';

/** The part of WeChat Pay's API v3 that is served; other methods on its paths are answered with an empty 405. */
export function v3Routes(gateway: Gateway): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  const deps = { ...gateway, probed: new Set<string>() };
  const operations = [
    certificatesOperation,
    ...prepayOperations(gateway),
    ...queryOperations(gateway),
    closeOperation(gateway),
    refundOperation(gateway),
    refundQueryOperation(gateway),
    abnormalRefundOperation(gateway),
  ];
  for (const operation of operations) {
    app.on(operation.method, operation.path, (c) => serveOperation(c, deps, operation));
    app.all(operation.path, (c) => c.body(null, 405));
  }
  return app;
}

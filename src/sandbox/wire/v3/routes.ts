import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { Gateway } from '../../gateway.js';
import { certificatesOperation } from './certificates.js';
import { prepayOperations } from './prepay.js';
import { refundOperations } from './refunds.js';
import { serveOperation } from './serve.js';
import { tradeOperations } from './trades.js';

/** The part of WeChat Pay's API v3 that is served; other methods on its paths are answered with an empty 405. */
export function v3Routes(gateway: Gateway): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  const deps = { ...gateway, probed: new Set<string>() };
  const operations = [
    certificatesOperation,
    ...prepayOperations(gateway),
    ...tradeOperations(gateway),
    ...refundOperations(gateway),
  ];
  for (const operation of operations) {
    app.on(operation.method, operation.path, (c) => serveOperation(c, deps, operation));
    app.all(operation.path, (c) => c.body(null, 405));
  }
  return app;
}

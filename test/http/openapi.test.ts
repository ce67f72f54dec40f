import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { served } from '../../src/entries/served.js';
import { createOrderSchema } from '../../src/orders/api/create.js';
import { createApp } from '../../src/http/app.js';
import { ERRORS } from '../../src/http/kit/api-error.js';
import { listedCalls, read } from '../docs/documents.js';
import { BROWSER_PATIENCE_MS, canBrowse, launchBrowser } from '../support/browser.js';
import { startIngress } from '../../src/http/start.js';
import { D, lineOf, payment, reconcile } from '../reconciliation/books.js';
import { moveRefund } from '../refunds/api/refund-steps.js';
import { operationsOf, type Document, type NamedOperation, type Schema } from './support/document.js';
import { json, MCHID, useTestApp } from './support/test-app.js';

const test = useTestApp();

let document: Document;
let operations: NamedOperation[] = [];
beforeAll(async () => {
  test.reset();
  document = await json<Document>(await test.send('GET', '/openapi.json', { key: null }));
  operations = operationsOf(document.paths);
});

/** The document's schema for an answer, as something that judges one. */
function judge(name: string): z.ZodType {
  const text = JSON.stringify({ $ref: `#/components/schemas/${name}`, $defs: document.components.schemas });
  return z.fromJSONSchema(JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')) as Schema);
}

describe('the document', () => {
  it('is OpenAPI 3.1 with an id and a summary for every operation', () => {
    expect(document.openapi).toBe('3.1.0');
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(operations.every(({ operation }) => operation.summary !== '')).toBe(true);
  });

  it('has every route of the API, and no other', () => {
    const routes = createApp(test.deps(), served)
      .routes.filter(({ method, path }) => method !== 'ALL' && /^\/(v1|notify|healthz|readyz|metrics)/.test(path))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    const documented = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(documented.sort()).toEqual([...new Set(routes)].sort());
    expect(documented).toContain('POST /v1/orders/{orderNo}/attempts');
  });

  it.each(['docs/shop.md', 'docs/shop.zh.md'])('has every call that %s lists, and no other', (path) => {
    const calls = operations.map(({ method, path: route }) => `${method.toUpperCase()} ${route}`);
    expect([...listedCalls(read(path))].sort()).toEqual(calls.filter((call) => call.includes(' /v1/')).sort());
  });

  it('has nothing beside them that the guide for operations does not name', () => {
    const guide = read('docs/operations.md').text;
    const others = operations.filter(({ path }) => !path.startsWith('/v1/'));
    expect(others.filter(({ path }) => !guide.includes(path.replaceAll(/\{(\w+)\}/g, '<$1>')))).toEqual([]);
    expect(others.length).toBeGreaterThan(2);
  });

  it('shows an order whose payer is charged at the till, and what is answered where the charge is refused', () => {
    const { post: order } = document.paths['/v1/orders'] ?? {};
    const shown = order?.requestBody?.content['application/json']?.examples?.['codeScan']?.value;
    const { payer } = createOrderSchema.parse(shown);
    expect(payer?.authCode).toHaveLength(18);
    for (const path of ['/v1/orders', '/v1/orders/{orderNo}/attempts']) {
      const refusal = document.paths[path]?.['post']?.responses['422']?.content?.['application/problem+json'];
      const problem = refusal?.examples?.['charge_refused']?.value;
      expect(judge('Problem').parse(problem)).toMatchObject({ status: 422, code: 'charge_refused' });
    }
  });

  it('resolves every reference', () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(refs.length).toBeGreaterThan(20);
    expect(refs.filter((name) => document.components.schemas[name ?? ''] === undefined)).toEqual([]);
  });

  it('declares each parameter of each path', () => {
    for (const { path, operation } of operations) {
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(declared.map(({ name }) => name)).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
      expect(declared.every((parameter) => parameter.required === true)).toBe(true);
    }
  });

  it('declares what a list can be filtered by', () => {
    const filters = (id: string) =>
      operations
        .find(({ operation }) => operation.operationId === id)
        ?.operation.parameters?.filter((parameter) => parameter.in === 'query')
        .map(({ name }) => name);
    const times = (of: string) => [`${of}From`, `${of}To`];
    const some = [
      'q',
      'amountFen',
      'state',
      'stuckReason',
      'closedReason',
      ...times('created'),
      ...times('paid'),
      'product',
      'appid',
      'sort',
    ];
    expect(filters('listOrders')).toEqual(['mchid', ...some, 'cursor', 'limit']);
    const all = ['created', 'accepted', 'succeeded'].flatMap(times);
    expect(filters('listRefunds')).toEqual([
      'mchid',
      'q',
      'amountFen',
      'state',
      'cause',
      'orderNo',
      ...all,
      'cursor',
      'limit',
    ]);
  });

  it('says what a merchant on API v2 has less of, and when to repeat a call that is too early', () => {
    const attempts = document.paths['/v1/orders/{orderNo}/attempts']?.['post'];
    expect(attempts).toMatchObject({
      description: expect.stringMatching(/409 `close_too_early`.*`Retry-After`/) as string,
    });
    const attach = document.components.schemas['CreateOrder']?.['properties'];
    expect(attach).toMatchObject({ attach: { description: expect.stringContaining('127') as string } });
  });

  it('asks for a key wherever one is needed', () => {
    for (const { path, operation } of operations) {
      expect(operation.security).toEqual(path.startsWith('/v1/') ? [{ apiKey: [] }] : []);
    }
    expect(document.components.securitySchemes['apiKey']).toMatchObject({ type: 'http', scheme: 'bearer' });
  });

  it('lists every error code, with its status, for some call', () => {
    const { Problem, ErrorCode } = document.components.schemas;
    expect(Problem?.['properties']).toMatchObject({ code: { $ref: '#/components/schemas/ErrorCode' } });
    expect(ErrorCode).toEqual({ type: 'string', enum: Object.keys(ERRORS) });
    for (const [code, { status }] of Object.entries(ERRORS)) {
      const where = operations.filter(({ operation }) =>
        operation.responses[String(status)]?.description.includes(`\`${code}\``),
      );
      expect(where.length, code).toBeGreaterThan(0);
      expect(document.info.description).toContain(`\`${code}\``);
    }
  });

  it('describes the bodies as they are taken', () => {
    const refund = { refundNo: 'R-1', amountFen: 500 };
    const fulfilment = { required: true, deadlineSeconds: 600, onDeadline: 'review' };
    const order = { orderNo: 'A-100001', amountFen: 1, description: 'tea', product: 'native', policy: { fulfilment } };
    for (const [name, body] of [
      ['CreateOrder', order],
      ['CreateRefund', refund],
      ['CreateRefund', { ...refund, reason: 'cold' }],
      ['ReportFulfilment', { outcome: 'rejected' }],
      ['ResolveOrder', { action: 'return', reason: 'x' }],
      ['ResolveRefund', { action: 'paidOffline', reason: 'x' }],
      ['RunReconciliation', { date: '2026-03-01' }],
      ['ResolveDiscrepancy', { action: 'recheck', reason: 'x' }],
      ['StartBulk', { action: 'hold', filter: { stuckReason: 'any' }, reason: 'x', dryRun: true }],
    ] as const) {
      expect(judge(name).safeParse(body).error, name).toBeUndefined();
      expect(judge(name).safeParse({ ...body, extra: 1 }).success, name).toBe(false);
    }
    expect(judge('CreateRefund').safeParse({ ...refund, amountFen: 0 }).success).toBe(false);
    expect(judge('ResolveOrder').safeParse({ action: 'return' }).success).toBe(false);
  });

  it('describes addresses in a format there is', () => {
    expect(JSON.stringify(document.components.schemas['CreateOrder'])).not.toContain('"format":"ip"');
  });
});

describe('what is answered', () => {
  it('is what the document says', async () => {
    const number = await test.placeOrder({ product: 'app', metadata: { a: [1] } });
    const done = await test.placePaidOrder();
    const refund = { refundNo: 'R-1', amountFen: 500, reason: 'cold' };
    await test.send('POST', `/v1/orders/${done}/refunds`, { body: refund });
    await moveRefund(test, 'R-1', { state: 'succeeded', succeededAtMs: test.clock.now.getTime() });
    const { key } = await test.operatorKey();
    const refundNotify = { key: 'n2', outTradeNo: done, refund: { outRefundNo: 'R-1', status: 'succeeded' } };
    for (const body of [{ key: 'n1', outTradeNo: number }, refundNotify]) {
      await test.send('POST', `/notify/wechatpay/v3/${MCHID}`, { key: null, body });
    }
    await reconcile({ connection: test.connection, db: test.connection.db }, D, { trade: [lineOf(payment())] });
    for (const [name, path] of [
      ['OrderDetail', `/v1/orders/${number}`],
      ['OrderDetail', `/v1/orders/${done}`],
      ['Refund', '/v1/refunds/R-1'],
      ['OrderPage', '/v1/orders'],
      ['RefundPage', '/v1/refunds'],
      ['Statement', '/v1/statements?from=2026-03-01&to=2026-03-02'],
      ['Reconciliation', `/v1/reconciliations/${D}`],
      ['ReconciliationList', `/v1/reconciliations?from=${D}&to=${D}`],
      ['ReconciliationLinePage', `/v1/reconciliations/${D}/lines`],
      ['DiscrepancyPage', '/v1/discrepancies'],
      ['InboxPage', '/v1/inbox'],
      ['Problem', '/v1/orders/A-9999999'],
      ['Readiness', '/readyz'],
    ] as const) {
      const answer: unknown = await json(await test.send('GET', path, { key }));
      expect(judge(name).safeParse(answer).error, name).toBeUndefined();
      expect(judge(name).safeParse({ ...(answer as object), extra: 1 }).success, name).toBe(false);
    }
    const order = await json(await test.send('POST', `/v1/orders/${number}/sync`));
    expect(judge('Order').safeParse(order).error).toBeUndefined();
    const { events } = await json<{ events: { id: string }[] }>(await test.send('GET', `/v1/orders/${done}`));
    expect(events).toHaveLength(2);
    const path = `/v1/events/${events[0]?.id ?? ''}/resend`;
    const resent = await json(await test.send('POST', path, { key, body: { reason: 'lost' } }));
    expect(judge('MerchantEvent').safeParse(resent).error).toBeUndefined();
  });
});

describe('the documentation page', () => {
  it('takes everything from its own origin', async () => {
    const page = await (await test.send('GET', '/docs', { key: null })).text();
    expect(page).not.toMatch(/https?:|<style|style=|<script>/);
    for (const [, path = ''] of page.matchAll(/(?:src|href)="([^"]+)"/g)) {
      const asset = await test.send('GET', path, { key: null });
      expect(asset.status, path).toBe(200);
      expect((await asset.arrayBuffer()).byteLength).toBeGreaterThan(100);
    }
    expect((await test.send('GET', '/docs/swagger-initializer.js', { key: null })).status).toBe(404);
    expect((await test.send('GET', '/docs/..%2Fpackage.json', { key: null })).status).toBe(404);
  });

  it.skipIf(!canBrowse())('shows the API in a browser under its strict policy', async () => {
    const ingress = await startIngress(test.deps(), served, { port: 0, host: '127.0.0.1' });
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(BROWSER_PATIENCE_MS);
      const complaints: string[] = [];
      const elsewhere: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => {
        const url = request.url();
        if (!url.startsWith(ingress.url) && !url.startsWith('data:')) elsewhere.push(url);
      });
      await page.goto(`${ingress.url}/docs`);
      await page.getByText('Create an order, or repeat a creation').first().click();
      await page.getByText('Attempt').first().waitFor();
      expect(complaints).toEqual([]);
      expect(elsewhere).toEqual([]);
    } finally {
      await browser.close();
      await ingress.close(0);
    }
  });
});

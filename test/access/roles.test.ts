import { beforeEach, describe, expect, it } from 'vitest';
import { served } from '../../src/entries/served.js';
import { createApp } from '../../src/http/app.js';
import { json, MCHID, problemCode, useTestApp } from '../http/support/test-app.js';
import { signedIn, type Operator } from '../ops/support/operator.js';

const test = useTestApp();

let readOnly = '';
beforeEach(async () => {
  readOnly = await test.person('Lucy', { role: 'readOnly' });
});

const ID = '67700ef7-a7dc-4184-bcb3-4fabafc7ff1f';
const filled = (path: string): string =>
  path.replace(':orderNo', 'A-1001').replace(':refundNo', 'R-1').replace(':date', '2026-02-28').replaceAll(/:\w+/g, ID);

/** Every path that is served for this method, with something in place of its parameters. */
const paths = (method: string, under: string): string[] => [
  ...new Set(
    createApp(test.deps(), served)
      .routes.filter((route) => route.method === method && route.path.startsWith(under))
      .map(({ path }) => filled(path)),
  ),
];

describe('a key that may only read', () => {
  it('is refused every call of the API that does something, clearly', async () => {
    const acts = ['POST', 'PUT', 'PATCH', 'DELETE'].flatMap((method) =>
      paths(method, '/v1/').map((path) => [method, path] as const),
    );
    expect(acts.length).toBeGreaterThan(15);
    for (const [method, path] of acts) {
      const answer = await test.send(method, path, { key: readOnly, body: {} });
      expect([path, answer.status]).toEqual([path, 403]);
      expect(await json(answer)).toMatchObject({
        code: 'forbidden',
        detail: expect.stringContaining('readOnly') as string,
      });
    }
    expect(test.refunds.calls).toEqual([]);
  });

  it('reads every call of the API that reads', async () => {
    const number = await test.placePaidOrder();
    const readable = ['orders', 'refunds', 'approvals', 'inbox', 'bulk', 'discrepancies', `orders/${number}`];
    for (const path of [...readable, `orders/${number}/timeline`]) {
      expect([path, (await test.send('GET', `/v1/${path}`, { key: readOnly })).status]).toEqual([path, 200]);
    }
  });

  it('and one that may act does what it always did', async () => {
    const number = await test.placeOrder();
    const { key } = await test.operatorKey();
    const answer = await test.send('POST', `/v1/orders/${number}/recheck`, { key, body: { reason: 'to see' } });
    expect(answer.status).toBe(200);
  });
});

describe('the pages of somebody who may only read', () => {
  let reader: Operator;
  let actor: Operator;
  beforeEach(async () => {
    reader = await signedIn(test, readOnly);
    actor = await signedIn(test, (await test.operatorKey()).key);
  });

  it('send no form but the one to leave', async () => {
    const forms = paths('POST', '/ops/').filter((path) => !/\/ops\/(login|logout)$/.test(path));
    expect(forms.length).toBeGreaterThan(8);
    for (const path of forms) {
      const answer = await reader.post(path.replace(`/${ID}/`, `/${MCHID}/`), { reason: 'to see', confirm: 'yes' });
      expect([path, answer.status]).toEqual([path, 403]);
      expect(await answer.text()).toContain('data-code="forbidden"');
    }
    expect((await reader.post('/ops/logout')).status).toBe(303);
  });

  it('show all, and no button that does something', async () => {
    test.withApprovalAbove(0);
    const number = await test.placePaidOrder();
    const body = { refundNo: `L-${number}`, amountFen: 100 };
    const asked = await json(await test.send('POST', `/v1/orders/${number}/refunds`, { body }));
    const order = `/ops/orders/${MCHID}/${number}`;
    const approval = `/ops/approvals/${MCHID}/${String(asked['approvalId'])}/approve`;
    const acting = [order, `${order}/refund`, approval, '/ops/approvals', '/ops/bulk', '/ops/reconciliation'];
    for (const path of ['/ops', '/ops/stuck', '/ops/inbox', '/ops/statements', ...acting]) {
      const [seen, full] = await Promise.all([reader, actor].map(async (it) => (await it.get(path)).text()));
      expect([path, doings(seen ?? '')]).toEqual([path, []]);
      if (acting.includes(path)) expect([path, doings(full ?? '').length > 0]).toEqual([path, true]);
      expect(seen).toContain('只读');
    }
  });
});

/** Forms that are sent, but the one to leave, and links to one about something. */
function doings(html: string): string[] {
  const forms = [...html.matchAll(/<form[^>]*method="post"[^>]*>/g)].map(([form]) => form);
  const links = [...html.matchAll(/<a class="button[^"]*"[^>]*href="([^"]*)"/g)].map(([, href = '']) => href);
  const leads = /\/(refund|external-refund|recheck|close|resend|redrive|approve|reject)$|^\/ops\/bulk\?/;
  return [...forms.filter((form) => !form.includes('/ops/logout')), ...links.filter((href) => leads.test(href))];
}

it('says which key it was that may not', async () => {
  expect(await problemCode(await test.send('POST', '/v1/orders', { key: readOnly, body: {} }))).toBe('forbidden');
});

import { randomBytes } from 'node:crypto';
import type { Hono } from 'hono';
import { beforeEach, describe, expect, it } from 'vitest';
import { served } from '../../../src/entries/served.js';
import { createApp } from '../../../src/http/app.js';
import type { IngressEnv } from '../../../src/http/kit/route.js';
import { createTestTelling } from '../../../src/webhooks/test-event.js';
import { createShopWebhooks } from '../../../src/webhooks/webhooks.js';
import { json, MCHID, problemCode, textWith, useTestApp } from '../../http/support/test-app.js';
import { useShopEndpoint } from '../../support/shop-endpoint.js';

const test = useTestApp();
const shop = useShopEndpoint();
const secret = `whsec_${randomBytes(32).toString('base64')}`;

let operator = '';
let app: Hono<IngressEnv>;
beforeEach(async () => {
  operator = (await test.operatorKey()).key;
  app = appTo(shop.url);
  shop.expectSecret(() => secret);
  shop.answer(204);
});

/** One app: what it counts lasts longer than a request. */
function appTo(url: string, allowedPrivateRanges = ['127.0.0.0/8']): Hono<IngressEnv> {
  const webhooks = createShopWebhooks((mchid) =>
    mchid === MCHID ? { url, secrets: [secret], allowedPrivateRanges } : null,
  );
  return createApp(test.deps({ tellTest: createTestTelling(webhooks, () => new Date()) }), served);
}

const send = (key = operator, query = '', body?: string) =>
  app.request(`/v1/events/test${query}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    ...(body === undefined ? {} : { body }),
  });

describe('POST /v1/events/test', () => {
  it('sends a signed event about nothing, and says what came back', async () => {
    const answer = await send();

    expect(answer.status).toBe(200);
    const told = await json(answer);
    expect(told).toEqual({
      id: textWith(/^[0-9a-f-]{36}$/),
      status: 204,
      ms: expect.any(Number) as unknown,
      outcome: 'delivered',
    });
    expect(shop.tests).toEqual([
      {
        id: told['id'],
        type: 'test',
        verified: true,
        raw: textWith(/^\{"type":"test","timestamp":"[0-9T:.-]+Z","data":\{\}\}$/),
      },
    ]);
  });

  it('is no event of the merchant’s, and who sent it is in the log', async () => {
    await send();
    expect(await test.connection.sql`select from merchant_events`).toHaveLength(0);
    expect(test.logLines.join('')).toMatch(/"by":"Li Lei \(.*"a test event was sent"/);
    expect(test.logLines.join('')).not.toContain(secret);
  });

  it.each([
    [500, 'refused'],
    [401, 'refused'],
    [302, 'refused'],
    [410, 'gone'],
  ])('says that the shop answered %i', async (status, outcome) => {
    shop.answer(status);
    expect(await json(await send())).toMatchObject({ status, outcome });
  });

  it('says that nobody is there, or that the address is not allowed', async () => {
    app = appTo('http://127.0.0.1:1/');
    expect(await json(await send())).toMatchObject({ status: 0, outcome: 'unreachable' });
    app = appTo(shop.url, ['10.0.0.0/8']);
    expect(await json(await send())).toMatchObject({ status: 0, outcome: 'forbidden_address' });
  });

  it('of a shop without an endpoint is refused', async () => {
    app = createApp(test.deps(), served);
    const answer = await send();
    expect([answer.status, await problemCode(answer)]).toEqual([409, 'event_unaddressed']);
  });

  it('waits after a few at once', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 6; n += 1) statuses.push((await send()).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await send()).headers.get('Retry-After')).toBe('5');
    test.clock.now = new Date(test.clock.now.getTime() + 5_000);
    expect((await send()).status).toBe(200);
  });

  it('is for operators, and takes nothing', async () => {
    expect((await send(test.merchantKey)).status).toBe(403);
    expect((await send(operator, '', '{"url":"http://127.0.0.1:1/"}')).status).toBe(400);
    expect((await send(operator, '', '{}')).status).toBe(200);
  });
});

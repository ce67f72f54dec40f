import { describe, expect, it } from 'vitest';
import { verifyWebhook, WebhookError } from '../../src/client/client.js';
import { createSigner } from '../../src/webhooks/webhooks.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const AT = new Date('2026-03-01T10:00:00Z');
const body = JSON.stringify({
  type: 'order.closed',
  timestamp: AT.toISOString(),
  data: { order: { orderNo: 'A-茶' } },
});
const signed = (secrets: readonly string[], at = AT) => createSigner(secrets)({ id: 'event-1', timestamp: at, body });
const now = () => AT.getTime();
const refused = (
  given: Parameters<typeof verifyWebhook>[1],
  text: string | Uint8Array = body,
  secrets: string | string[] = SECRET,
) => expect(verifyWebhook(text, given, secrets, { now })).rejects.toThrow(new WebhookError());

describe('a webhook', () => {
  it('that PaySaga signed is the event, with its id, from headers of either kind, text or bytes', async () => {
    for (const headers of [signed([SECRET]), new Headers(signed([SECRET]))]) {
      for (const raw of [body, Buffer.from(body)]) {
        const event = await verifyWebhook(raw, headers, SECRET, { now });
        expect(event).toMatchObject({ id: 'event-1', type: 'order.closed', data: { order: { orderNo: 'A-茶' } } });
        // Narrowed by its type.
        if (event.type === 'order.closed') expect(event.data.order.orderNo).toBe('A-茶');
      }
    }
  });

  it('fits while either side changes its secret', async () => {
    await verifyWebhook(body, signed([OTHER, SECRET]), SECRET, { now });
    await verifyWebhook(body, signed([SECRET]), [OTHER, SECRET], { now });
    await refused(signed([OTHER]));
    await refused(signed([SECRET]), body, [OTHER]);
    await refused(signed([SECRET]), body, []);
  });

  it('is as the published example of Standard Webhooks says', async () => {
    const headers = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    };
    const at = () => 1_614_265_330_000;
    expect(await verifyWebhook('{"test": 2432232314}', headers, SECRET, { now: at })).toMatchObject({
      test: 2432232314,
    });
  });

  it('is refused where anything of it differs, and nothing says what', async () => {
    const headers = signed([SECRET]);
    await refused(headers, `${body} `);
    await refused({ ...headers, 'webhook-id': 'event-2' });
    await refused({ ...headers, 'webhook-timestamp': String(AT.getTime() / 1_000 + 1) });
    await refused({ ...headers, 'webhook-signature': headers['webhook-signature'].replace('v1,', 'v2,') });
    await refused({ ...headers, 'webhook-signature': 'v1,*' });
    await refused({ ...headers, 'webhook-signature': `${'v1,AAAA '.repeat(10)}${headers['webhook-signature']}` });
    for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature'])
      await refused({ ...headers, [name]: undefined });
  });

  it('is refused when it is more than 5 minutes off, either way', async () => {
    for (const seconds of [-300, 300]) {
      await verifyWebhook(body, signed([SECRET], new Date(AT.getTime() + seconds * 1_000)), SECRET, { now });
    }
    for (const seconds of [-301, 301]) await refused(signed([SECRET], new Date(AT.getTime() + seconds * 1_000)));
    await refused({ ...signed([SECRET]), 'webhook-timestamp': '1e9' });
  });

  it('cannot be verified by what is no secret, which is not shown', async () => {
    const verified = verifyWebhook(body, signed([SECRET]), 'whsec_not base64!', { now });
    await expect(verified).rejects.toThrow(new TypeError('A webhook secret is whsec_ and base64'));
  });
});

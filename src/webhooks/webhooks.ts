import type { Mchid } from '../base/ids.js';
import { MAX_WEBHOOK_WAIT_MS, parseRetryAfter } from '../base/outside-time.js';
import { createAddressGuard } from './address.js';
import { systemResolve, type Resolve } from './lookup.js';
import type { Delivery, DeliveryAnswer, ShopWebhook, ShopWebhooks, WebhookEndpoint } from './port.js';
import { post, type PostAnswer } from './post.js';
import { createSigner } from './sign.js';

export type ShopWebhooksDeps = {
  /** The system's resolver, unless another is given. */
  readonly resolve?: Resolve;
  /** Certificate authorities in PEM form, in the place of the well-known ones. */
  readonly ca?: readonly string[];
};

/** One webhook a shop, over Standard Webhooks. */
export function createShopWebhooks(
  endpoints: ReadonlyMap<Mchid, WebhookEndpoint>,
  deps: ShopWebhooksDeps = {},
): ShopWebhooks {
  const webhooks = new Map<Mchid, ShopWebhook>();
  for (const [mchid, endpoint] of endpoints) webhooks.set(mchid, createShopWebhook(endpoint, deps));
  return { for: (mchid) => webhooks.get(mchid) };
}

function createShopWebhook(endpoint: WebhookEndpoint, { resolve = systemResolve, ca }: ShopWebhooksDeps): ShopWebhook {
  const url = new URL(endpoint.url);
  const sign = createSigner(endpoint.secrets);
  const postDeps = { permits: createAddressGuard(endpoint.allowedPrivateRanges), resolve, ca };
  return {
    async send(delivery, { timeoutMs, signal }) {
      signal?.throwIfAborted();
      const headers = { 'content-type': 'application/json', 'user-agent': 'PaySaga', ...sign(delivery) };
      const answer = await post(postDeps, { url, headers, body: delivery.body, timeoutMs, signal });
      if (answer.kind === 'failed') signal?.throwIfAborted();
      return meaningOf(answer, delivery);
    },
  };
}

function meaningOf(answer: PostAnswer, { timestamp }: Delivery): DeliveryAnswer {
  if (answer.kind === 'failed') return answer;
  const { status, retryAfter } = answer;
  if (status >= 200 && status < 300) return { kind: 'delivered', status };
  if (status === 410) return { kind: 'gone', status };
  return { kind: 'refused', status, retryAfterMs: parseRetryAfter(retryAfter, timestamp, MAX_WEBHOOK_WAIT_MS) };
}

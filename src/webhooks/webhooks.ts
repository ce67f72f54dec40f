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

/** One webhook a shop, over Standard Webhooks. `endpointOf` says each time what is configured now; a shop may have none. */
export function createShopWebhooks(
  endpointOf: (mchid: Mchid) => WebhookEndpoint | null | undefined,
  deps: ShopWebhooksDeps = {},
): ShopWebhooks {
  const webhooks = new WeakMap<WebhookEndpoint, ShopWebhook>();
  return {
    for: (mchid) => {
      const endpoint = endpointOf(mchid) ?? undefined;
      if (endpoint === undefined) return undefined;
      const webhook = webhooks.get(endpoint) ?? createShopWebhook(endpoint, deps);
      webhooks.set(endpoint, webhook);
      return webhook;
    },
  };
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

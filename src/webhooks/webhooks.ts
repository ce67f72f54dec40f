import { Webhook } from 'standardwebhooks';
import type { Mchid } from '../base/ids.js';
import { MAX_WEBHOOK_WAIT_MS, parseRetryAfter } from '../base/outside-time.js';
import { createAddressGuard } from './address.js';
import { post, systemResolve, type DeliveryFailure, type PostAnswer, type Resolve } from './post.js';

export type WebhookEndpoint = {
  readonly url: string;
  /** `whsec_…`, newest first: every delivery is signed with all of them. */
  readonly secrets: readonly string[];
  /** CIDR ranges that may be reached though not public, in the clear too. */
  readonly allowedPrivateRanges: readonly string[];
};

export type DeliveryAnswer =
  | { readonly kind: 'delivered'; readonly status: number }
  | { readonly kind: 'gone'; readonly status: 410 }
  /** Any other status, redirects too. `retryAfterMs` is 0 to 24 hours. */
  | { readonly kind: 'refused'; readonly status: number; readonly retryAfterMs: number | null }
  | { readonly kind: 'failed'; readonly reason: DeliveryFailure };

/** Of a delivery that nobody waits for: everything up to the answer's headers. */
export const DELIVERY_TIMEOUT_MS = 10_000;

export type ShopWebhook = {
  /** Rejects only with the signal's reason. `timeoutMs` covers everything up to the answer's headers. */
  send(
    delivery: Delivery,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<DeliveryAnswer>;
};

export type ShopWebhooks = { for(mchid: Mchid): ShopWebhook | undefined };

export type ShopWebhooksDeps = {
  readonly resolve?: Resolve;
  /** Certificate authorities in PEM form, in the place of the well-known ones. */
  readonly ca?: readonly string[];
};

/** `endpointOf` is asked each time; a shop may have no endpoint. */
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

export type Delivery = {
  /** The event's id: the same for every try. */
  readonly id: string;
  readonly timestamp: Date;
  /** Signed and sent byte for byte. */
  readonly body: string;
};

/** Standard Webhooks' headers. One signature a secret, newest first: a shop that changes its secret recognizes either. */
export function createSigner(secrets: readonly string[]) {
  const keys = secrets.map((secret) => new Webhook(secret));
  return ({ id, timestamp, body }: Delivery) => ({
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(timestamp.getTime() / 1_000)),
    'webhook-signature': keys.map((key) => key.sign(id, timestamp, body)).join(' '),
  });
}

const PREFIX = 'whsec_';
const MIN_BYTES = 24;
const MAX_BYTES = 64;

/** Standard Webhooks' symmetric secret: `whsec_` and 24 to 64 bytes in base64. White space around it is the editor's. */
export function parseWebhookSecret(text: string): string | undefined {
  const secret = text.trim();
  if (!secret.startsWith(PREFIX)) return undefined;
  const encoded = secret.slice(PREFIX.length);
  const bytes = Buffer.from(encoded, 'base64');
  // Node reads past what is not base64.
  if (bytes.toString('base64') !== encoded) return undefined;
  return bytes.length >= MIN_BYTES && bytes.length <= MAX_BYTES ? secret : undefined;
}

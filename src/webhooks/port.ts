import type { Mchid } from '../base/ids.js';

/** Where one shop listens, and with what it recognizes us. */
export type WebhookEndpoint = {
  readonly url: string;
  /** `whsec_…`, newest first: every delivery is signed with all of them. */
  readonly secrets: readonly string[];
  /** CIDR ranges that are not public and may be reached all the same; in the clear, too. */
  readonly allowedPrivateRanges: readonly string[];
};

export type Delivery = {
  /** The event's id: the same for every try. */
  readonly id: string;
  /** Of this try. */
  readonly timestamp: Date;
  /** The exact JSON text: signed and sent as it is. */
  readonly body: string;
};

/** What came of one try. Only `delivered` says that the shop knows. */
export type DeliveryAnswer =
  | { readonly kind: 'delivered'; readonly status: number }
  | { readonly kind: 'gone'; readonly status: 410 }
  /** Any other status, a redirect too: those are not followed. `retryAfterMs` is 0 to 24 hours. */
  | { readonly kind: 'refused'; readonly status: number; readonly retryAfterMs: number | null }
  | { readonly kind: 'failed'; readonly reason: DeliveryFailure };

/** `forbidden_address`: the endpoint resolves to an address that is neither public nor allowed; nothing was sent. */
export type DeliveryFailure = 'timeout' | 'unreachable' | 'forbidden_address' | 'tls';

/**
 * One shop's endpoint. Rejects only when the caller gave up, with the signal's reason. `timeoutMs` covers everything up to the
 * answer's headers.
 */
export type ShopWebhook = {
  send(
    delivery: Delivery,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<DeliveryAnswer>;
};

/** `undefined`: the shop has no endpoint. */
export type ShopWebhooks = { for(mchid: Mchid): ShopWebhook | undefined };

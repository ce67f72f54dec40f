import { Webhook } from 'standardwebhooks';
import type { Delivery } from './port.js';

export type SignedHeaders = {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
};

/**
 * Standard Webhooks' headers. With several secrets there is a signature by each, newest first: while a shop moves to a new
 * secret, it recognizes deliveries by either.
 */
export function createSigner(secrets: readonly string[]): (delivery: Delivery) => SignedHeaders {
  const keys = secrets.map((secret) => new Webhook(secret));
  return ({ id, timestamp, body }) => ({
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(timestamp.getTime() / 1_000)),
    'webhook-signature': keys.map((key) => key.sign(id, timestamp, body)).join(' '),
  });
}

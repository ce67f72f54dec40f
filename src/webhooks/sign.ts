import { Webhook } from 'standardwebhooks';

export type Delivery = {
  /** The event's id: the same for every try. */
  readonly id: string;
  /** Of this try. */
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

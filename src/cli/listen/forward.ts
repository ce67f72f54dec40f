import { whyOf } from '../kit/api.js';
import { plain } from '../kit/output.js';

/** Standard Webhooks' headers of a delivery. */
export type Signer = (delivery: {
  readonly id: string;
  readonly timestamp: Date;
  readonly body: string;
}) => Readonly<Record<string, string>>;

export type Forwarded = {
  /** Null where no answer came. */
  readonly status: number | null;
  readonly ms: number;
  /** The beginning of an answer that is no 2xx, or why none came. */
  readonly said: string | null;
};

const TIMEOUT_MS = 10_000;
const SHOWN_BYTES = 300;

/** One delivery, as a worker would make it, but to any address: this is the developer's own machine. Redirects are answers. */
export async function forward(
  { url, sign, stop }: { readonly url: string; readonly sign: Signer; readonly stop: AbortSignal },
  { id, body }: { readonly id: string; readonly body: string },
): Promise<Forwarded> {
  const beganAt = performance.now();
  const ended = (status: number | null, said: string | null): Forwarded => ({
    ...{ status, said },
    ms: Math.round(performance.now() - beganAt),
  });
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'PaySaga',
    ...sign({ id, timestamp: new Date(), body }),
  };
  const signal = AbortSignal.any([stop, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
    const said = response.ok ? null : await beginningOf(response.body);
    if (response.ok) await response.body?.cancel();
    return ended(response.status, said === '' ? null : said);
  } catch (error) {
    return ended(null, whyOf(error));
  }
}

async function beginningOf(body: ReadableStream<Uint8Array> | null): Promise<string> {
  if (body === null) return '';
  const reader = body.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return plain(new TextDecoder().decode(value?.subarray(0, SHOWN_BYTES)));
}

import type { Context } from 'hono';
import { ApiError } from './api-error.js';

/** The raw bytes of a body, never more than `maxBytes` in memory. Throws `body_too_large`, or `invalid_request` if cut off. */
export async function readBody(c: Context, maxBytes: number): Promise<Uint8Array> {
  if (Number(c.req.header('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of streamOf(c)) {
      size += chunk.byteLength;
      if (size > maxBytes) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new ApiError('invalid_request', 'The body ended before it was complete.', { cause });
  }
  if (size > maxBytes) throw tooLarge(maxBytes);
  return Buffer.concat(chunks);
}

/** The body as it arrives; the platform's type leaves out what its chunks are. */
const streamOf = (c: Context): AsyncIterable<Uint8Array> | Uint8Array[] => c.req.raw.body ?? [];

const tooLarge = (maxBytes: number): ApiError =>
  new ApiError('body_too_large', `At most ${maxBytes} bytes are accepted.`);

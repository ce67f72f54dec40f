import type { Context } from 'hono';
import { ApiError } from './api-error.js';

/**
 * The raw bytes of a body, never more than `maxBytes` in memory. Throws `body_too_large`, or `invalid_request` if it is cut off, or
 * said to be compressed: nothing here unpacks what somebody else packed.
 */
export async function readBody(c: Context, maxBytes: number): Promise<Uint8Array> {
  const encoding = c.req.header('content-encoding')?.trim().toLowerCase() ?? '';
  if (encoding !== '' && encoding !== 'identity')
    throw new ApiError('invalid_request', 'The body must be sent without a Content-Encoding.');
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

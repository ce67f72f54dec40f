import { z } from '@hono/zod-openapi';

/** At least one character and at most `maxBytes` of UTF-8, as WeChat Pay counts. */
export const limitedText = (maxBytes: number) =>
  z
    .string()
    .min(1)
    .refine((text) => Buffer.byteLength(text, 'utf8') <= maxBytes, `must be at most ${maxBytes} bytes of UTF-8`)
    .openapi({ description: `At most ${maxBytes} bytes of UTF-8.` });

/** Text a person reads on a payment page or a receipt: no control characters. */
export const printableText = (maxBytes: number) =>
  limitedText(maxBytes).refine((text) => !/\p{Cc}/u.test(text), 'must not hold control characters');

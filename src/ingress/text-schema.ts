import { z } from '@hono/zod-openapi';
import { textProblem } from '../domain/text.js';

/** At least one character and at most `maxBytes` of UTF-8, as WeChat Pay counts. */
export const limitedText = (maxBytes: number) =>
  z
    .string()
    .min(1)
    .refine((text) => Buffer.byteLength(text, 'utf8') <= maxBytes, `must be at most ${maxBytes} bytes of UTF-8`)
    .openapi({ description: `At most ${maxBytes} bytes of UTF-8.` });

/** Text a person reads on a payment page, a receipt or in a list of deeds: it is seen, and it steers nothing. */
export const printableText = (maxBytes: number) =>
  limitedText(maxBytes)
    .refine(
      (text) => textProblem(text) !== 'steering',
      'must not hold control characters, line separators or changes of direction',
    )
    .refine((text) => textProblem(text) !== 'invisible', 'must hold something that can be seen');

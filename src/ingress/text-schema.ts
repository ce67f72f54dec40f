import { z } from '@hono/zod-openapi';
import { textProblem } from '../base/text.js';

/** At least one character and at most `maxBytes` of UTF-8, as WeChat Pay counts. */
export const limitedText = (maxBytes: number) =>
  z
    .string()
    .min(1)
    .refine((text) => Buffer.byteLength(text, 'utf8') <= maxBytes, `must be at most ${maxBytes} bytes of UTF-8`)
    .openapi({ description: `At most ${maxBytes} bytes of UTF-8.` });

const STEERING = 'must not hold control characters, line separators or changes of direction';

/** Text a person reads on a payment page, a receipt or in a list of deeds: it is seen, and it steers nothing. */
export const printableText = (maxBytes: number) =>
  limitedText(maxBytes)
    .refine((text) => textProblem(text) !== 'steering', STEERING)
    .refine((text) => textProblem(text) !== 'invisible', 'must hold something that can be seen');

/** Any JSON object of the shop's: its texts may have several lines, its names not, and neither turns a reader's page around. */
export const readableObject = z.record(z.string(), z.unknown()).refine((value) => isReadable(value), STEERING);

const isReadable = (value: unknown): boolean => {
  if (typeof value === 'string') return textProblem(value.replace(/[\t\n\r]/g, ' ')) !== 'steering';
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, field]) => textProblem(name) !== 'steering' && isReadable(field));
};

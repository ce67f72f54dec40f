import { z } from '@hono/zod-openapi';
import { textProblem } from '../../base/text.js';
import type { Result } from '../../base/result.js';
import { MAX_ORDER_FEN, parseOrderAmount } from '../../base/money.js';
import { isStorable } from '../../db/columns.js';

/** At least one character and at most `maxBytes` of UTF-8, as WeChat Pay counts. */
export const limitedText = (maxBytes: number) =>
  z
    .string()
    .min(1)
    .refine((text) => Buffer.byteLength(text, 'utf8') <= maxBytes, `must be at most ${maxBytes} bytes of UTF-8`)
    .openapi({ description: `At most ${maxBytes} bytes of UTF-8.` });

/** Text that a domain parser takes; `message` says what it must be. */
export const parsedText = <T>(parse: (text: string) => Result<T, unknown>, message: string) =>
  z.string().transform((text, context): T => {
    const parsed = parse(text);
    if (parsed.ok) return parsed.value;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

const STEERING = 'must not hold control characters, noncharacters, line separators or changes of direction';

/** Text that people read: visible, and without characters that steer its surroundings. */
export const printableText = (maxBytes: number) =>
  limitedText(maxBytes)
    .refine((text) => textProblem(text) !== 'steering', STEERING)
    .refine((text) => textProblem(text) !== 'invisible', 'must hold something that can be seen');

/** Any JSON object of the shop's: its texts may have several lines, its names may not. */
export const readableObject = z.record(z.string(), z.unknown()).refine((value) => isReadable(value), STEERING);

const isReadable = (value: unknown): boolean => {
  if (typeof value === 'string') return textProblem(value.replace(/[\t\n\r]/g, ' ')) !== 'steering';
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, field]) => textProblem(name) !== 'steering' && isReadable(field));
};

export const amountSchema = z
  .number()
  .transform((amount, ctx) => {
    const parsed = parseOrderAmount(amount);
    if (parsed.ok) return parsed.value;
    ctx.addIssue({ code: 'custom', message: `must be a whole number of fen, 1 to ${MAX_ORDER_FEN}` });
    return z.NEVER;
  })
  .openapi({ type: 'integer', minimum: 1, maximum: MAX_ORDER_FEN, description: 'Fen, 1/100 yuan.' });

/** As {@link amountSchema}, in a query. */
export const amountQuery = z
  .string()
  .regex(/^\d{1,10}$/, `must be a whole number of fen, 1 to ${MAX_ORDER_FEN}`)
  .transform(Number)
  .pipe(amountSchema)
  .openapi({ type: 'integer', minimum: 1, maximum: MAX_ORDER_FEN, description: 'Exactly; fen, 1/100 yuan.' });

const FEWEST = 2;
const MOST = 64;

/** What a person types to find something, without the spaces around it. */
export const wordsQuery = z
  .string()
  .trim()
  .refine(hasFittingLength, `must have ${FEWEST} to ${MOST} characters`)
  .refine((text) => textProblem(text) === undefined, STEERING)
  .openapi({ minLength: FEWEST, maxLength: MOST });

function hasFittingLength(text: string): boolean {
  const { length } = Array.from(text);
  return length >= FEWEST && length <= MOST;
}

/** Of lists with a `q`. */
export const SHORT_PAGES =
  'With `q` what one page looks at has an end: a page may have fewer than `limit`, even none, and a `nextCursor` that goes on; only `null` says that there is no more.';

/** RFC 3339 with its offset, that Postgres can hold. */
export const instantSchema = z.iso
  .datetime({ offset: true })
  .refine((text) => isStorable(new Date(text)), 'must be in the years 1 to 9999 of UTC');

export const dateOf = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));

export const appidSchema = z.string().regex(/^wx[0-9A-Za-z]{1,30}$/, 'must be wx and letters or digits');

export const reasonSchema = printableText(500).openapi({ description: 'Why; kept with the name of the key.' });

export const reasonOnly = z
  .strictObject({ reason: reasonSchema })
  .openapi('Reason', { example: { reason: 'The shop asked by phone' } });

export const bothLanguages = z.strictObject({ zh: z.string(), en: z.string() }).openapi('BothLanguages');

/** Of a schema that has a name: `.nullable()` would make the named schema itself null, wherever it stands. */
export const orNull = <Schema extends z.ZodType>(schema: Schema) => z.union([schema, z.null()]);

export const gatewaySchema = z
  .strictObject({
    status: z.int(),
    code: z.string().nullable().openapi({
      description:
        "WeChat Pay's own; `null` where the answer has none, as a proxy's page or one that is not proven to be WeChat Pay's.",
    }),
    message: z.string(),
    detail: orNull(
      z.strictObject({ field: z.string().nullable(), issue: z.string().nullable() }).openapi('GatewayRefusalDetail'),
    ),
  })
  .openapi('GatewayRefusal', {
    description:
      'What WeChat Pay answered last in place of what it was asked for, in its own words. Of an attempt, a prepay or a close; of a refund, an apply. A refusal is not displaced by an answer that leaves open what became of the call (5xx, 429, no code).',
  });

import { z } from 'zod';
import { plainText } from '../base/text.js';
import { parseFen, type Fen } from '../base/money.js';

/** As it may be kept and shown: one line, well-formed, at most so many UTF-16 units. */
export const cleaned = (text: string, maxLength: number): string => plainText(text.slice(0, maxLength)).trim();

/** Text that does not decide: what is absent, empty or no text is `null`. */
export const maybeText = (maxLength: number) =>
  z
    .unknown()
    .optional()
    .transform((value) => textOrNull(value, maxLength));

/** What {@link maybeText} makes of a value. */
export const textOrNull = (value: unknown, maxLength: number): string | null =>
  typeof value === 'string' ? cleaned(value, maxLength) || null : null;

/** {@link cleaned} words of WeChat Pay's about what it refused: an openid or a payer's code that they repeat is cut out. */
export const refusalText = (text: string, maxLength: number): string =>
  cleaned(text, maxLength)
    .replace(/(?<![\w-])o[\w-]{27}(?![\w-])/g, '[openid]')
    .replace(/(?<![\w-])1[0-5]\d{16}(?![\w-])/g, '[code]');

/** Likewise, where there may be none. */
export const maybeRefusalText = (maxLength: number) =>
  maybeText(maxLength).transform((value) => (value === null ? null : refusalText(value, maxLength)));

/** Text that is compared with our own: cleaning it cannot make it equal to something else that matters. */
export const text = (maxLength: number) => z.string().transform((value) => cleaned(value, maxLength));

/** WeChat Pay's own numbers and names: visible ASCII, none of which is cut. */
export const token = (maxLength: number) => z.string().regex(new RegExp(`^[\\x21-\\x7e]{1,${maxLength}}$`));

/** No payment lies outside. */
const EARLIEST_MS = Date.UTC(2000, 0);
const LATEST_MS = Date.UTC(2100, 0);

const dateTime = z.iso.datetime({ offset: true });

/** A time that does not decide, in milliseconds; `null` when it is absent or cannot have been meant. */
export const maybeTime = z
  .unknown()
  .optional()
  .transform((value) => {
    const ms = dateTime.safeParse(value).success ? Date.parse(String(value)) : NaN;
    return ms >= EARLIEST_MS && ms < LATEST_MS ? ms : null;
  });

/** Money on the wire: a JSON integer of fen. */
export const fen = z.number().transform((value, context): Fen => {
  const parsed = parseFen(value);
  if (parsed.ok) return parsed.value;
  context.addIssue({ code: 'custom', message: parsed.error });
  return z.NEVER;
});

/** Money that does not decide: `null` when it is absent or no fen. */
export const maybeFen = z
  .unknown()
  .optional()
  .transform((value) => fen.safeParse(value).data ?? null);

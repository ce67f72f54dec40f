import { createHash } from 'node:crypto';
import { z } from 'zod';
import { textProblem } from '../base/text.js';
import { isSafeUrl } from '../channels/safe-url.js';
import type { Display, Logo } from '../http/kit/route.js';

const MAX_NAME = 64;
const shopName = z
  .string()
  .refine((name) => textProblem(name) === undefined, 'must be visible text without control characters')
  .refine((name) => Array.from(name).length <= MAX_NAME, `must be at most ${MAX_NAME} characters`);

/** Without a name a logo says nothing to who cannot see it. */
const display = z.strictObject({
  name: z.union(
    [shopName.transform((name) => ({ zh: name, en: name })), z.strictObject({ zh: shopName, en: shopName })],
    `must be a name of at most ${MAX_NAME} visible characters, or one each for zh and en`,
  ),
  logoFile: z.string().min(1).optional(),
});

const isOrigin = (text: string): boolean => isSafeUrl(text) && new URL(text).origin === text && !text.includes('*');

/** What the merchants file says of the payer's page. */
export const pageFields = {
  display: display.optional(),
  returnOrigins: z
    .array(z.string().refine(isOrigin, 'must be an origin such as https://shop.example.com; http on loopback only'))
    .max(20)
    .default([]),
};

const MAX_LOGO_BYTES = 200 * 1024;

export const LOGO = {
  parse: parseLogo,
  otherwise: `must hold a PNG, JPEG or WebP picture of at most ${MAX_LOGO_BYTES / 1024} KB`,
};

/** No SVG: opened by itself it is a document of our origin. */
function parseLogo(bytes: Buffer): Logo | undefined {
  const type = typeOf(bytes);
  if (type === undefined || bytes.length > MAX_LOGO_BYTES) return undefined;
  return { type, bytes: new Uint8Array(bytes), hash: createHash('sha256').update(bytes).digest('hex').slice(0, 12) };
}

function typeOf(bytes: Buffer): Logo['type'] | undefined {
  const text = (from: number, to: number): string => bytes.toString('latin1', from, to);
  if (text(0, 8) === '\x89PNG\r\n\x1a\n' && text(12, 16) === 'IHDR') return 'image/png';
  if (text(0, 3) === '\xff\xd8\xff') return 'image/jpeg';
  return text(0, 4) === 'RIFF' && text(8, 15) === 'WEBPVP8' ? 'image/webp' : undefined;
}

export type PageEntry = { readonly display?: z.infer<typeof display> | undefined };

export async function loadDisplay(
  { display: given }: PageEntry,
  read: (field: string, name: string) => Promise<Logo>,
): Promise<Display | null> {
  if (given === undefined) return null;
  const { name, logoFile } = given;
  return { name, logo: logoFile === undefined ? null : await read('display.logoFile', logoFile) };
}

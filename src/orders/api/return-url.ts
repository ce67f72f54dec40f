import { limitedText } from '../../http/kit/fields.js';
import { isSafeUrl } from '../../channels/safe-url.js';
import { RETURN_PREFIX } from '../rules/return-url.js';

/** What a browser reads as it stands: no user, fragment, backslash, space or control character. */
const PLAIN = /^https?:\/\/[^/?#@\\]+([/?][^#\\]*)?$/;
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

const namesOf = (url: string): string[] => (URL.canParse(url) ? [...new URL(url).searchParams.keys()] : []);

export const returnUrlSchema = limitedText(512)
  .refine((url) => VISIBLE_ASCII.test(url), 'must be in percent-encoded ASCII')
  .refine((url) => PLAIN.test(url) && isSafeUrl(url), 'must be an https URL without user and fragment')
  .refine(
    (url) => !namesOf(url).some((name) => name.startsWith(RETURN_PREFIX)),
    `must have no parameter whose name begins with ${RETURN_PREFIX}`,
  )
  .openapi({
    description:
      "Where the checkout page leads the payer back to, by a link: `https` (`http` on loopback only), at most 512 bytes, of an origin that the merchants file lists in `returnOrigins`. Order number and state are added, signed, as hints: see the shop's guide.",
  });

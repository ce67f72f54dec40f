import { parseAccept } from 'hono/utils/accept';
import { LANGUAGES, type Language } from '../../base/language.js';

/**
 * What the payer chose, else the first of our languages that the browser asks for. Who asks only for others gets English; who
 * says nothing gets Chinese, the language of those who pay with WeChat.
 */
export function chooseLanguage(chosen: string | undefined, acceptLanguage: string | undefined): Language {
  const explicit = LANGUAGES.find((language) => language === chosen);
  if (explicit !== undefined) return explicit;
  const asked = rankedTags(acceptLanguage ?? '');
  for (const tag of asked) {
    const known = LANGUAGES.find((language) => tag === language || tag.startsWith(`${language}-`));
    if (known !== undefined) return known;
  }
  return asked.some((tag) => tag !== '*') ? 'en' : 'zh';
}

/** Best first; a language of weight 0 is refused, not asked for. */
const rankedTags = (acceptLanguage: string): string[] =>
  parseAccept(acceptLanguage).flatMap(({ type, q }) => (q > 0 ? [type.toLowerCase()] : []));

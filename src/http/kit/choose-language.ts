import { parseAccept } from 'hono/utils/accept';
import { LANGUAGES, type Language } from '../../base/language.js';

/** The choice, else the browser's best of ours, else English; a browser that asks for none gets Chinese, as most payers read it. */
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

/** Best first, without those of weight 0, which are refused. */
const rankedTags = (acceptLanguage: string): string[] =>
  parseAccept(acceptLanguage).flatMap(({ type, q }) => (q > 0 ? [type.toLowerCase()] : []));

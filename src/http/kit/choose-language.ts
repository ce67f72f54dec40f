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

function rankedTags(acceptLanguage: string): string[] {
  return acceptLanguage
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
      const weight = parameters.map((parameter) => /^\s*q=([0-9.]+)$/.exec(parameter)?.[1]).find(Boolean);
      return { tag: tag.trim(), weight: Number(weight ?? 1) };
    })
    .filter(({ tag, weight }) => tag !== '' && weight > 0)
    .sort((left, right) => right.weight - left.weight)
    .map(({ tag }) => tag);
}

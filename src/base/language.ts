export const LANGUAGES = ['zh', 'en'] as const;

export type Language = (typeof LANGUAGES)[number];

/** One thing to say, in Chinese and in English. */
export type Both<T = string> = readonly [zh: T, en: T];

type Table = { readonly [name: string]: Both<unknown> | Table };

type Spoken<T> = T extends Both<infer Said> ? Said : { readonly [Name in keyof T]: Spoken<T[Name]> };

/** One table a language, from a table in which each text stands beside its translation. */
export function perLanguage<T extends Table>(table: T): Readonly<Record<Language, Spoken<T>>>;
export function perLanguage(table: Table): Record<Language, unknown> {
  return { zh: spoken(table, 0), en: spoken(table, 1) };
}

const spoken = (table: Table, language: 0 | 1): unknown =>
  Object.fromEntries(
    Object.entries(table).map(([name, said]) => [name, isBoth(said) ? said[language] : spoken(said, language)]),
  );

const isBoth = (said: Both<unknown> | Table): said is Both<unknown> => Array.isArray(said);

export const LANGUAGES = ['zh', 'en'] as const;

/** What PaySaga speaks to people. */
export type Language = (typeof LANGUAGES)[number];

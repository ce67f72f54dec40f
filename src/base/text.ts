/** What a terminal, a log or a browser obeys instead of showing it: controls (Postgres refuses NUL), line ends, halves of surrogate pairs, and what turns a line around. */
const STEERING = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

/** At least one character that leaves a mark: no space, no format character, no filler, no empty Braille cell. */
const VISIBLE = /[^\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Why text is not fit for a person to read; `undefined` when it is. */
export function textProblem(text: string): 'steering' | 'invisible' | undefined {
  if (STEERING.test(text)) return 'steering';
  return VISIBLE.test(text) ? undefined : 'invisible';
}

/** A person's name stands beside what they did: two that look alike must be the same, so nothing unseen hides in one. */
export const isName = (text: string): boolean => textProblem(text) === undefined && !/\p{Cf}/u.test(text);

/** Others' text where a person reads it: what would be obeyed is a space. */
export const plainText = (text: string): string => text.replace(new RegExp(STEERING, 'gu'), ' ');

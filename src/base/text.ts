/**
 * Characters that steer a terminal, log or browser: controls (Postgres refuses NUL), line ends, half surrogate pairs, changes of
 * direction. And those that are none, as U+FFFF: XML, and so API v2, does not take them.
 */
const STEERING = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

/** A character that leaves a mark: no space, format character, filler or empty Braille cell. */
const VISIBLE = /[^\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Why text is not fit for a person to read; `undefined` when it is. */
export function textProblem(text: string): 'steering' | 'invisible' | undefined {
  if (STEERING.test(text)) return 'steering';
  return VISIBLE.test(text) ? undefined : 'invisible';
}

/** Two names that look alike must be the same, so nothing unseen hides in one. */
export const isName = (text: string): boolean => textProblem(text) === undefined && !/\p{Cf}/u.test(text);

/** Others' text for people: steering characters are spaces. */
export const plainText = (text: string): string =>
  // Nearly all is: no table of Unicode has to be asked.
  PRINTABLE_ASCII.test(text) ? text : text.replace(EACH_STEERING, ' ');

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
const EACH_STEERING = new RegExp(STEERING, 'gu');

import type { Language } from '../../base/language.js';
import type { OperatorAction } from './operator-action.js';

/** The same in both languages. */
export type Text = Readonly<Record<Language, string>>;

/** What a decision does, in sentences, and the money that it moves or books; null where it touches none. */
export type Effect = { readonly sentences: readonly Text[]; readonly moneyFen: number | null };

/** The effect of a decision that touches no money by itself. */
export const says = (...sentences: readonly Text[]): Effect => ({ sentences, moneyFen: null });

/** How a decision is spoken of, wherever a person meets it. */
export type DecisionWords = {
  /** On its button, and the title of its form. */
  readonly title: Text;
  /** Its word among the kept actions, what it is called while nobody has answered, and in the timeline; there its title without. */
  readonly kept: { readonly action: OperatorAction; readonly words: Text; readonly line?: Text };
  /** Said once it was performed; `pending`: asked and not confirmed yet, `known`: it was asked for before. */
  readonly afterwards: { readonly done: Text; readonly pending?: Text; readonly known?: Text };
};

/** What a decision needs beside a reason. */
export type Input = 'until' | 'refund' | 'external';

export const ASKS_FIRST: Text = {
  zh: '执行前会先询问微信支付；没有得到确认就不会执行。',
  en: 'WeChat Pay is asked first, and nothing is done unless it confirms.',
};

export const NOTHING_MOVES: Text = { zh: '这不会动用任何款项。', en: 'This moves no money.' };

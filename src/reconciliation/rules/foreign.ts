/** What a merchant declares of its other systems under the same number: their lines are counted, and nobody looks for them here. */
export type ForeignPatterns = {
  /** Numbers at WeChat Pay; `*` stands for any characters: `POS-*`. */
  readonly outTradeNos: readonly string[];
  readonly appids: readonly string[];
};

export const NO_FOREIGN: ForeignPatterns = { outTradeNos: [], appids: [] };

/** A pattern as SQL's LIKE has it. */
export const likeOf = (pattern: string): string => pattern.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%');

/** The API key that asks. */
export type AskingKey = {
  readonly id: string;
  /** The person's; null for a shop's backend. */
  readonly name: string | null;
  /** What it may give back of one order in all; null: no limit. */
  readonly refundLimitFen: number | null;
};

/** Why a file is not a bill that this build can read as a whole; nothing of such a file counts. */
export const UNREADABLE_REASONS = [
  'empty',
  /** Not UTF-8, or with a NUL in it. */
  'not_text',
  'line_too_long',
  'no_header',
  /** The 24-column format of merchants whose coupons are all prefunded, with 总金额 in the place of 订单金额. */
  'old_format',
  'missing_column',
  'duplicate_column',
  /** More or fewer values than the header has columns. */
  'value_count',
  'bad_value',
  /** The summary is missing. */
  'cut_off',
] as const;
export type UnreadableReason = (typeof UNREADABLE_REASONS)[number];

/** `lineNo` counts from 1; `column` is the name of a column that this build knows. Never a value of the file. */
export class BillUnreadable extends Error {
  override readonly name = 'BillUnreadable';
  readonly reason: UnreadableReason;
  readonly lineNo: number;
  readonly column: string | null;

  constructor(reason: UnreadableReason, lineNo: number, column: string | null = null) {
    super(`bill unreadable at line ${lineNo}: ${reason}${column === null ? '' : ` (${column})`}`);
    this.reason = reason;
    this.lineNo = lineNo;
    this.column = column;
  }
}

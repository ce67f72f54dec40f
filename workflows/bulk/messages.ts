import type { Language } from '../../src/base/language.js';
import type { Mchid } from '../../src/base/ids.js';
import type { BulkAction, BulkProgress } from '../../src/bulk/rules/bulk.js';

/** A bulk's workflow; Postgres holds its orders and which of them are still open. */
export type BulkInput = {
  readonly bulkId: string;
  readonly mchid: Mchid;
  readonly action: BulkAction;
  /** As it was when this run was started. */
  readonly progress: BulkProgress;
  readonly language: Language;
};

import type { Language } from '../../src/base/language.js';
import type { Mchid } from '../../src/base/ids.js';
import type { BulkAction, BulkProgress } from '../../src/bulk/rules/bulk.js';

export type BulkInput = {
  readonly bulkId: string;
  readonly mchid: Mchid;
  readonly action: BulkAction;
  readonly progress: BulkProgress;
  readonly language: Language;
};

import type { Language } from '../../src/base/language.js';
import type { Mchid } from '../../src/base/ids.js';
import type { BillDate } from '../../src/reconciliation/rules/day.js';

export type ReconciliationInput = {
  readonly mchid: Mchid;
  readonly date: BillDate;
  readonly language: Language;
};

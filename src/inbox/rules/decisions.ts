import type { InboxKind } from './notify.js';
import type { DecisionWords, Effect } from '../../actions/rules/decision.js';

type Notify = { readonly kind: InboxKind; readonly orderNo: string | null };

export const REDRIVE = {
  title: { zh: '重新送交', en: 'Deliver again' },
  kept: {
    action: 'redrive',
    words: { zh: '重新送交通知', en: 'deliver a notify again' },
    line: { zh: '重新送交通知', en: 'Deliver the notify again' },
  },
  afterwards: { done: { zh: '通知已重新送交订单。', en: 'The notify was delivered to its order again.' } },
  /** An unmatched notify has nowhere to go: the sweeper matches it once there is an order. */
  isPossible: ({ orderNo, kind }: Notify): boolean => orderNo !== null || kind === 'other',
  effect: ({ kind }: Notify): Effect => ({
    sentences: [
      kind === 'other'
        ? {
            zh: '由本版本重新读取这条通知；如果现在已支持，就送交它所属的订单或退款。',
            en: 'This version reads the notify again. If it handles it by now, the order or refund is told what it says.',
          }
        : {
            zh: '把这条通知再次送交它所属的订单或退款。',
            en: 'The order or refund that this notify is about is told again what it says.',
          },
      { zh: '已经入账的款项不会有任何变化。', en: 'Money that is settled stays as it is.' },
    ],
    moneyFen: null,
  }),
} as const satisfies DecisionWords & Readonly<Record<string, unknown>>;

import type { DecisionWords, Effect } from '../../actions/rules/decision.js';
import type { MerchantEventRecord } from './event.js';

export const RESEND = {
  title: { zh: '重新通知店铺', en: 'Tell the shop again' },
  kept: { action: 'resend', words: { zh: '重新通知店铺', en: 'tell the shop again' } },
  afterwards: { done: { zh: '正在重新通知店铺。', en: 'The shop is being told again.' } },
  /** What stopped being true before the shop was told is never sent, and a shop without an endpoint hears nothing. */
  isPossible: ({ status }: MerchantEventRecord, hasEndpoint: boolean): boolean => hasEndpoint && status !== 'withdrawn',
  effect: ({ type }: MerchantEventRecord): Effect => ({
    sentences: [
      {
        zh: `以同一事件编号重新向店铺发送 ${type}，从投递计划的开头开始。`,
        en: `${type} is sent to the shop again under the same event id, from the beginning of the schedule.`,
      },
      {
        zh: '店铺如果之前收到过，会再收到一次，可凭事件编号识别。',
        en: 'A shop that heard it before hears it once more and can tell by the id.',
      },
    ],
    moneyFen: null,
  }),
} as const satisfies DecisionWords & Readonly<Record<string, unknown>>;

/** For pasting after `paysaga`. */
export const resendCommand = (eventId: string): string => `events resend ${eventId}`;

import { formatYuan } from '../../../base/money.js';
import type { Difference } from '../evidence.js';
import type { Text } from '../../../actions/rules/decision.js';

/** What was ordered, and what WeChat Pay says came: a sentence, or nothing where all agrees or it is not known. */
export function differencesText(differences: readonly Difference[]): Text {
  if (differences.length === 0) return { zh: '', en: '' };
  const zh = differences.map((it) => `${NAMES[it.what].zh}应为 ${shown(it, it.expected)}，实为 ${shown(it, it.seen)}`);
  const en = differences.map(
    (it) => `${NAMES[it.what].en} is ${shown(it, it.seen)}, expected ${shown(it, it.expected)}`,
  );
  return { zh: `不符之处：${zh.join('；')}。`, en: ` What differs: ${en.join('; ')}.` };
}

function shown({ what }: Difference, value: string): string {
  return what === 'total' ? formatYuan(Number(value)) : value;
}

const NAMES = {
  mchid: { zh: '商户号', en: 'the mchid' },
  appid: { zh: 'appid', en: 'the appid' },
  tradeType: { zh: '交易类型', en: 'the trade type' },
  total: { zh: '金额', en: 'the amount' },
  currency: { zh: '币种', en: 'the currency' },
} as const satisfies Record<Difference['what'], unknown>;

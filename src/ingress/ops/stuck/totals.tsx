import type { StuckTotal } from '../../../orders/store/list.js';
import type { Language } from '../../../base/language.js';
import { formatAmount } from '../../../base/money.js';
import { Cell, Head } from '../../../ops/kit/pieces.js';
import { duration } from '../../../base/time.js';
import { WORDS } from '../order/words.js';
import { STUCK_TEXTS } from './text.js';

type TotalsProps = {
  readonly totals: readonly StuckTotal[];
  readonly language: Language;
  readonly now: Date;
  readonly namesMerchant: boolean;
};

/** What is stuck, by reason: how many, how much money, and the way to all of them at once. */
export function StuckTotals({ totals, language, now, namesMerchant }: TotalsProps) {
  const texts = STUCK_TEXTS[language];
  if (totals.length === 0) return <p class="empty">{texts.none}</p>;
  return (
    <table class="rows totals">
      <Head labels={[texts.reason, texts.count, texts.atRisk, texts.waiting, texts.oldest, texts.bulk]} />
      <tbody>
        {totals.map(({ mchid, stuckReason, count, atRiskFen, waitingFen, oldestSince }) => {
          const reason = WORDS[language].stuck[stuckReason];
          return (
            <tr data-reason={stuckReason}>
              <Cell label={texts.reason}>
                <a href={`/ops/stuck?mchid=${mchid}&reason=${stuckReason}`}>{reason}</a>
                {namesMerchant ? <span class="soft small"> {mchid}</span> : null}
              </Cell>
              <Cell label={texts.count}>{count}</Cell>
              <Cell label={texts.atRisk}>
                <b class="money">{formatAmount(atRiskFen)}</b>
              </Cell>
              <Cell label={texts.waiting}>
                <span class="money">{formatAmount(waitingFen)}</span>
              </Cell>
              <Cell label={texts.oldest}>{duration(now.getTime() - oldestSince.getTime(), language)}</Cell>
              <Cell label={texts.bulk}>
                <a
                  class="button small"
                  href={`/ops/bulk?mchid=${mchid}&stuckReason=${stuckReason}`}
                  aria-label={texts.bulkOf(reason, mchid)}
                >
                  {texts.bulk}
                </a>
              </Cell>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

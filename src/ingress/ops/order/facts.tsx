import { paidAttemptOf, payerFen } from '../../../domain/order/view.js';
import type { OrderRecord } from '../../../domain/order/record.js';
import { formatAmount } from '../../../base/money.js';
import type { OrderPageModel } from './model.js';
import { Fact, When } from '../../../ops/kit/pieces.js';
import { ORDER_TEXTS } from './text.js';
import { WORDS } from './words.js';

type Props = { readonly model: OrderPageModel };

/** What the order is, and every sum of money that has to do with it. */
export function Facts({ model }: Props) {
  return (
    <section class="card" id="facts">
      <h2>{ORDER_TEXTS[model.language].facts}</h2>
      <dl class="facts facts-wide">
        <Money model={model} />
        <Terms model={model} />
        <Times model={model} />
      </dl>
    </section>
  );
}

function Money({ model: { order, language } }: Props) {
  const texts = ORDER_TEXTS[language];
  const paid = paidAttemptOf(order);
  const payer = payerFen(order);
  const sums: readonly (readonly [label: string, fen: number, isShown: boolean])[] = [
    [texts.amount, order.amountFen, true],
    [texts.paid, order.paidFen, true],
    [texts.payerPaid, payer ?? 0, payer !== null && payer !== order.paidFen],
    [texts.refunding, paid?.refundingFen ?? 0, (paid?.refundingFen ?? 0) > 0],
    [texts.refunded, paid?.refundedFen ?? 0, (paid?.refundedFen ?? 0) > 0],
    [texts.returned, order.returnedFen, order.returnedFen > 0],
  ];
  return (
    <>
      {sums
        .filter(([, , isShown]) => isShown)
        .map(([label, fen]) => (
          <Fact label={label}>
            <b class="money">{formatAmount(fen)}</b>
          </Fact>
        ))}
    </>
  );
}

function Terms({ model: { order, language } }: Props) {
  const [texts, words] = [ORDER_TEXTS[language], WORDS[language]];
  return (
    <>
      <Fact label={texts.description}>{order.description}</Fact>
      <Fact label={texts.merchant}>
        <span class="id">{order.mchid}</span>
      </Fact>
      <Fact label={texts.fulfilment}>{words.fulfilment[order.fulfilment]}</Fact>
      <Fact label={texts.latePayment}>{words.latePayment[order.policy.latePayment]}</Fact>
      <Fact label={texts.foundBy}>{order.foundBy === null ? null : words.foundBy[order.foundBy]}</Fact>
    </>
  );
}

function Times({ model: { order, language, now } }: Props) {
  const texts = ORDER_TEXTS[language];
  return (
    <>
      {timesOf(order).map(([label, at]) => (
        <Fact label={texts[label]}>{at === null ? null : <When at={at} now={now} language={language} />}</Fact>
      ))}
    </>
  );
}

const timesOf = ({ createdAt, expiresAt, paidAt, closedAt, stuckSince }: OrderRecord) =>
  [
    ['createdAt', createdAt],
    ['deadline', expiresAt],
    ['paidAt', paidAt],
    ['closedAt', closedAt],
    ['stuckSince', stuckSince],
  ] as const;

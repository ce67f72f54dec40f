import { perLanguage, type Language } from '../../base/language.js';
import { formatAmount } from '../../base/money.js';
import { paths } from '../../orders/page/model.js';
import { movedFen, type Subject } from '../rules/classes.js';

type Numbered = {
  readonly mchid: string;
  readonly orderNo: string | null;
  readonly outTradeNo: string | null;
  readonly transactionId: string | null;
  readonly outRefundNo: string | null;
  readonly refundId: string | null;
};

type NumbersProps = { readonly of: Numbered; readonly language: Language };

/** What a line or a discrepancy is about: our order first, then the numbers that the bill or our books have. */
export function Numbers({ of, language }: NumbersProps) {
  const texts = TEXTS[language];
  const { mchid, orderNo } = of;
  const numbers = (['outTradeNo', 'transactionId', 'outRefundNo', 'refundId'] as const).filter(
    (name) => of[name] !== null && of[name] !== orderNo,
  );
  if (orderNo === null && numbers.length === 0) return <>—</>;
  return (
    <ul class="plain">
      {orderNo === null ? null : (
        <li>
          <span class="soft">{texts.orderNo}</span>{' '}
          <a class="id" href={paths.order({ mchid, orderNo })}>
            {orderNo}
          </a>
        </li>
      )}
      {numbers.map((name) => (
        <li>
          <span class="soft">{texts[name]}</span> <Foreign text={of[name]} />
        </li>
      ))}
    </ul>
  );
}

/** Text from a bill: whatever direction its characters ask for ends with it. */
export const Foreign = ({ text }: { readonly text: string | null }) => <bdi class="id">{text ?? '—'}</bdi>;

type Sides = { readonly subject: Subject; readonly billFen: number | null; readonly ownFen: number | null };

type SideProps = { readonly of: Sides; readonly says: 'billFen' | 'ownFen' };

/** Of one side; nothing there is not ¥0.00. */
export function Side({ of, says }: SideProps) {
  const fen = of[says];
  if (fen === null) return <span class="soft">—</span>;
  return <span class="money">{formatAmount(movedFen(of.subject, fen))}</span>;
}

type DifferenceProps = { readonly of: Sides; readonly isDiscrepant?: boolean };

/** WeChat Pay's side less ours. */
export function Difference({ of: { subject, billFen, ownFen }, isDiscrepant = true }: DifferenceProps) {
  const fen = movedFen(subject, (billFen ?? 0) - (ownFen ?? 0));
  const tone = fen !== 0 && isDiscrepant ? 'differs' : 'soft';
  return <span class={`money ${tone}`}>{`${fen > 0 ? '+' : ''}${formatAmount(fen)}`}</span>;
}

const TEXTS = perLanguage({
  orderNo: ['订单', 'Order'],
  outTradeNo: ['商户单号', 'out_trade_no'],
  transactionId: ['微信订单号', 'transaction_id'],
  outRefundNo: ['退款单号', 'out_refund_no'],
  refundId: ['微信退款单号', 'refund_id'],
});

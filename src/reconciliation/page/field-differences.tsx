import { z } from 'zod';
import { perLanguage, type Language } from '../../base/language.js';
import { formatAmount } from '../../base/money.js';
import { Card, Table } from '../../ops/kit/pieces.js';
import { feeYuan } from './bill-columns.js';
import { Foreign } from './numbers.js';

const value = z.union([z.string(), z.number(), z.null()]);
type Value = z.infer<typeof value>;

const told = z.object({ bill: value.default(null), own: value.default(null) });
const single = value.transform((bill) => ({ bill, own: null }));
const stored = z.record(z.string(), z.unknown());

type Props = { readonly differences: unknown; readonly language: Language };

/** What else each side says, field by field; nothing where that is all the same. */
export function FieldDifferences({ differences, language }: Props) {
  const texts = TEXTS[language];
  const rows = fieldsOf(differences);
  if (rows.length === 0) return null;
  return (
    <Card id="differences" title={texts.title}>
      <Table
        labels={[texts.field, texts.bill, texts.own]}
        rows={rows}
        cellsOf={({ name, bill, own }) => [
          nameOf(name, language),
          <Said name={name} said={bill} />,
          <Said name={name} said={own} />,
        ]}
      />
    </Card>
  );
}

/** Of a list: in which fields the sides differ. */
export const fieldNames = (differences: unknown, language: Language): readonly string[] =>
  fieldsOf(differences).map(({ name }) => nameOf(name, language));

const fieldsOf = (differences: unknown) =>
  Object.entries(stored.parse(differences)).flatMap(([name, said]) => {
    const read = z.union([told, single]).safeParse(said);
    return read.success ? [{ name, ...read.data }] : [];
  });

const nameOf = (name: string, language: Language): string =>
  new Map(Object.entries(TEXTS[language].names)).get(name) ?? name;

/** Amounts by the unit in their field's name. */
function Said({ name, said }: { readonly name: string; readonly said: Value }) {
  if (typeof said === 'number' && name.endsWith('Millifen')) return <span class="money">{feeYuan(said)}</span>;
  if (typeof said === 'number' && name.endsWith('Fen')) return <span class="money">{formatAmount(said)}</span>;
  return <Foreign text={said === null ? null : String(said)} />;
}

const TEXTS = perLanguage({
  title: ['双方所说不同之处', 'What each side says'],
  field: ['字段', 'Field'],
  names: {
    outTradeNo: ['商户单号', 'out_trade_no'],
    transactionId: ['微信订单号', 'transaction_id'],
    outRefundNo: ['退款单号', 'out_refund_no'],
    refundId: ['微信退款单号', 'refund_id'],
    appid: ['应用（appid）', 'appid'],
    tradeType: ['交易类型', 'trade type'],
    refundStatus: ['退款状态', 'refund status'],
    direction: ['收支', 'direction'],
    time: ['时间', 'time'],
    feeMillifen: ['手续费', 'fee'],
    balanceFen: ['账户结余', 'balance'],
    breaks: ['不连续之处', 'places'],
  },
  bill: ['微信', 'WeChat Pay'],
  own: ['本地', 'Here'],
});

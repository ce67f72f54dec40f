import { expect, it } from 'vitest';
import { orderOfRecord, withEvidence } from '../../../src/orders/rules/beginning.js';
import { storedEvidence } from '../../../src/orders/rules/stored.js';
import type { EvidenceRecord } from '../../../src/orders/rules/record.js';
import { attemptOf } from '../../../src/orders/rules/state.js';
import { APPID, fen, FIRST, MCHID, START_MS } from './fixtures.js';
import type { anAttemptRow } from './rows.js';
import { aRow, openRow } from './rows.js';
import { flatAttempt } from './flat.js';

const said: EvidenceRecord = {
  ...{ id: '1', source: 'notify', outTradeNo: FIRST, transactionId: '4200000001', amountFen: fen(1200) },
  ...{ mchid: MCHID, appid: APPID, tradeType: 'JSAPI', currency: 'CNY', at: new Date(START_MS) },
};
const jsapi = { ...openRow, product: 'jsapi' } as const;
const facts = (attempt: Parameters<typeof anAttemptRow>[0]) =>
  orderOfRecord(aRow({ state: 'awaitingPayment' }, [{ ...jsapi, ...attempt }]));

it.each([
  ['total', { amountFen: fen(1201) }],
  ['appid', { appid: 'wxother' }],
  ['currency', { currency: 'HKD' }],
  ['tradeType', { tradeType: 'NATIVE' }],
  ['total', { amountFen: fen(1201), source: 'query' }],
] as const)('after a lost run an attempt stays disputed over %s, by name, %j', (what, fields) => {
  const found = (attempt: Parameters<typeof anAttemptRow>[0]) =>
    attemptOf(withEvidence(facts(attempt), [storedEvidence({ ...said, ...fields })]), FIRST);
  expect(flatAttempt(found({}))).toMatchObject({ disputed: true, differs: [{ what }] });
  const settled = { state: 'succeeded', transactionId: said.transactionId, paidFen: fen(1200) } as const;
  expect(flatAttempt(found(settled))).toMatchObject({ disputed: true, doubt: null, differs: [{ what }] });
});

it('evidence that agrees is asked about, and disputes nothing', () => {
  const found = attemptOf(withEvidence(facts({}), [storedEvidence(said)]), FIRST);
  expect(flatAttempt(found)).toMatchObject({
    disputed: false,
    differs: [],
    doubt: { transactionId: said.transactionId },
  });
});

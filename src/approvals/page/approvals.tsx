import type { Child } from 'hono/jsx';
import type { Language } from '../../base/language.js';
import { DECISIONS } from '../../decisions/rules/decisions.js';
import { paths } from '../../orders/page/model.js';
import { ActLink } from '../../ops/kit/acting.js';
import { Money, Table, When } from '../../ops/kit/pieces.js';
import { APPROVAL_DECISION_NAMES, type ApprovalRecord } from '../rules/approval.js';
import { APPROVAL_TEXTS } from './text.js';

type Shown = { readonly language: Language; readonly now: Date; readonly namesMerchant: boolean };

export function Approvals({ rows, ...shown }: Shown & { readonly rows: readonly ApprovalRecord[] }) {
  const texts = APPROVAL_TEXTS[shown.language];
  const isDecided = rows.some(({ status }) => status !== 'pending');
  const labels = [texts.askedAt, texts.order, texts.refund, texts.amount, texts.askedBy];
  return (
    <Table
      labels={[...labels, isDecided ? texts.decided : '']}
      rows={rows}
      cellsOf={(row) => cellsOf(row, shown)}
      dataOf={({ id, status }) => ({ 'data-id': id, 'data-status': status })}
    />
  );
}

function cellsOf(row: ApprovalRecord, { language, now, namesMerchant }: Shown): Child[] {
  const texts = APPROVAL_TEXTS[language];
  return [
    <When at={row.createdAt} now={now} language={language} />,
    <>
      <a class="id" href={paths.order(row)}>
        {row.orderNo}
      </a>
      {namesMerchant ? <span class="soft small"> {row.mchid}</span> : null}
    </>,
    <>
      <span class="id">{row.outRefundNo}</span>
      {row.reason === null ? null : <span class="soft"> · {row.reason}</span>}
    </>,
    <Money fen={row.amountFen} />,
    row.askedByName ?? texts.shop,
    row.status === 'pending' ? <Decide row={row} language={language} /> : <Decided row={row} {...{ language, now }} />,
  ];
}

const Decide = ({ row, language }: { readonly row: ApprovalRecord; readonly language: Language }) => (
  <span class="row-actions">
    {APPROVAL_DECISION_NAMES.map((action) => (
      <ActLink class="button small" href={paths.approvalAction(row, action)}>
        {DECISIONS[action].title[language]}
      </ActLink>
    ))}
  </span>
);

function Decided({ row, language, now }: Omit<Shown, 'namesMerchant'> & { readonly row: ApprovalRecord }) {
  const { decidedAt, decidedByName, decisionReason } = row;
  if (decidedAt === null) return null;
  return (
    <span>
      {decidedByName} · {decisionReason} <When at={decidedAt} now={now} language={language} />
    </span>
  );
}

import { expect, test } from 'vitest';
import { MERCHANT_EVENT_TYPES } from '../../src/shop-events/rules/event.js';
import { REVIEW_REASONS, STUCK_REASONS } from '../../src/orders/rules/states.js';
import { REFUND_RESOLVE_ACTIONS } from '../../src/refunds/rules/states.js';
import { TEMPORAL_FILTERS } from '../../src/figures/page/text.js';
import { CARD_WAITS } from '../orders/rules/situations.js';
import { anchors, firstColumn, read, textsIn } from './documents.js';

const runbook = read('docs/runbook.md');

test('the runbook has a section for each stuck reason, and no other', () => {
  const sections = anchors(runbook);
  expect(firstColumn(runbook, STUCK_REASONS[0]).toSorted()).toEqual([...STUCK_REASONS].toSorted());
  expect(STUCK_REASONS.filter((reason) => !sections.includes(reason))).toEqual([]);
});

test('the runbook says of each review reason what to do', () => {
  const rows = firstColumn(runbook, 'amount_mismatch');
  expect(REVIEW_REASONS.filter((reason) => !rows.includes(reason))).toEqual([]);
});

test('the runbook says what each thing an order can wait for means', () => {
  const named = new Set(
    [...runbook.text.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)].flatMap(([, cell = '']) => cell.split(/[`, ]+/)),
  );
  expect(CARD_WAITS.filter((wait) => !named.has(wait) && wait !== 'operator_decision')).toEqual([]);
});

test.each(REFUND_RESOLVE_ACTIONS)('the runbook says when to decide %s', (action) => {
  expect(runbook.text).toContain(`| \`${action}\``);
});

test.each(['docs/shop.md', 'docs/shop.zh.md'])('%s lists the events a shop is told, once each', (path) => {
  const rows = read(path)
    .text.split('\n')
    .filter((row) => /^\| `(order|refund|reconciliation|discrepancy)\.[a-z]+`/.test(row));
  const listed = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, type]) => type));
  expect(listed.toSorted()).toEqual([...MERCHANT_EVENT_TYPES].toSorted());
});

test('the command is printed as paysaga, never as npx of a name that anybody may claim', () => {
  const printed = ['src', 'workflows', 'activities', 'bin', 'deploy', 'docs'].flatMap((folder) => textsIn(folder));
  const all = [
    ...printed,
    ...['README.md', 'README.zh.md', 'CONTRIBUTING.md', 'Dockerfile', 'docker-compose.yml'].map(read),
  ];
  expect(all.filter(({ text }) => /\b(npx|npm exec)\b[^\n]*\bpaysaga\b/.test(text)).map(({ path }) => path)).toEqual(
    [],
  );
});

test('the filters that the operator page links are those of the guide', () => {
  const { text } = read('docs/temporal-ui.md');
  expect(Object.values(TEMPORAL_FILTERS).filter((filter) => !text.includes(`| \`${filter}\` |`))).toEqual([]);
});

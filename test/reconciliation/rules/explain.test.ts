import { describe, expect, it, test } from 'vitest';
import { HOUR, MINUTE } from '../../../src/base/time.js';
import { DAY_FAILURES, DAY_WAITS, parseBillDate } from '../../../src/reconciliation/rules/day.js';
import { dayCard, shownDay } from '../../../src/reconciliation/rules/card.js';
import { explainDay, type ExplainedDay } from '../../../src/reconciliation/rules/explain.js';
import { parseMchid } from '../../../src/base/ids.js';

const mchid = parseMchid('1900000001');
const date = parseBillDate('2026-03-01');
if (!mchid.ok || !date.ok) throw new Error('a valid day');

const NOW = new Date('2026-03-02T02:10:00Z');
const ENDED: ExplainedDay = {
  ...{ mchid: mchid.value, date: date.value, state: 'balanced', failure: null, open: [], bills: [] },
  ...{ waitsFor: null, waitingSince: null, stalledSince: null, nextAt: null },
  ...{ startedAt: NOW, finishedAt: new Date(NOW.getTime() + MINUTE) },
};
const RUNNING: ExplainedDay = { ...ENDED, state: 'waiting', finishedAt: null };

describe.each(DAY_WAITS)('a day that waits for %s', (waitsFor) => {
  const since = new Date(NOW.getTime() + MINUTE);
  const nextAt = new Date(NOW.getTime() + 30 * MINUTE);
  const day: ExplainedDay = { ...RUNNING, waitsFor, waitingSince: since, nextAt };

  it('says so, since when, and what comes next and when', () => {
    const said = explainDay(day, nextAt);
    expect(said).toMatchObject({ waitingFor: waitsFor, since: since.toISOString(), nextAt: nextAt.toISOString() });
    expect(said.nextStep).not.toBe('');
    expect(said.actor === 'operator').toBe(waitsFor === 'failing');
    expect(said.commands.length).toBeGreaterThan(0);
  });

  it('says after three hours that a bill is late, and of its own steps nothing more', () => {
    const isBill = ['trade_bill', 'fundflow_bill', 'gateway'].includes(waitsFor);
    const before = explainDay(day, new Date(NOW.getTime() + 3 * HOUR - 1));
    const after = explainDay(day, new Date(NOW.getTime() + 3 * HOUR));
    expect(after.text.en.includes('three hours')).toBe(isBill);
    expect(after.text.zh.includes('三小时')).toBe(isBill);
    expect(before.text.en).not.toContain('three hours');
  });
});

test('a run whose workflow cannot go on says so, whatever it waited for, and what a person does', () => {
  const waiting = { waitsFor: 'trade_bill', waitingSince: NOW, nextAt: NOW } as const;
  const said = explainDay({ ...RUNNING, ...waiting, stalledSince: new Date(NOW.getTime() + HOUR) }, NOW);
  const since = new Date(NOW.getTime() + HOUR).toISOString();
  expect(said).toMatchObject({ waitingFor: 'stalled', actor: 'operator', since, nextAt: null });
  expect(said.text.en).toContain('cannot go on');
  expect(said.commands[0]).toBe('paysaga reconcile 2026-03-01 --mchid 1900000001');
});

test('a run that waits for nothing outside is under way', () => {
  expect(explainDay(RUNNING, NOW)).toMatchObject({ waitingFor: 'run', since: NOW.toISOString(), nextAt: null });
  // Matched, and about to go on: what it came to is not its end.
  expect(explainDay({ ...RUNNING, state: 'differs' }, NOW).waitingFor).toBe('run');
});

test.each(['balanced', 'empty'] as const)('a day that is %s waits for nothing', (state) => {
  const said = explainDay({ ...ENDED, state }, NOW);
  expect(said).toMatchObject({ waitingFor: 'nothing', actor: 'nobody', commands: [], nextAt: null });
  expect(said.since).toBe(ENDED.finishedAt?.toISOString());
});

test('a balanced day with a warning says where it is to be read', () => {
  const said = explainDay({ ...ENDED, open: [{ class: 'balance_chain', count: 1 }] }, NOW);
  expect(said).toMatchObject({ waitingFor: 'nothing', actor: 'nobody' });
  expect(said.commands).toEqual(['paysaga discrepancies --mchid 1900000001 --status open']);
});

test.each(DAY_FAILURES)('a day that failed by %s waits for the operator', (failure) => {
  const said = explainDay({ ...ENDED, state: 'failed', failure }, NOW);
  expect(said).toMatchObject({ waitingFor: 'operator', actor: 'operator', nextAt: null });
  expect(said.commands).toContain('paysaga reconcile 2026-03-01 --mchid 1900000001');
});

test('a day that differs waits for the operator, and counts what is open but for warnings', () => {
  const open = [
    { class: 'amount', count: 2 },
    { class: 'balance_chain', count: 5 },
  ] as const;
  const said = explainDay({ ...ENDED, state: 'differs', open }, NOW);
  expect(said).toMatchObject({ waitingFor: 'operator', actor: 'operator' });
  expect(said.text.en).toContain('2 discrepancies');
  expect(said.text.zh).toContain('2 笔');
  expect(said.commands).toEqual([
    'paysaga discrepancies --mchid 1900000001 --status open',
    'paysaga reconcile 2026-03-01 --mchid 1900000001',
  ]);
});

test('a day that differs because WeChat Pay knows of nothing says that', () => {
  const said = explainDay({ ...ENDED, state: 'differs' }, NOW);
  expect(said.text.en).toContain('no bill of this day');
  expect(said.commands).toEqual(['paysaga reconcile 2026-03-01 --mchid 1900000001']);
});

describe('a bill that is not trusted', () => {
  const bill = {
    kind: 'trade',
    state: 'untrusted',
    distrust: 'summary',
    distrustWhy: 'count: summary 2, lines 3',
  } as const;

  test('is told with the reason', () => {
    const said = explainDay({ ...ENDED, state: 'failed', failure: 'trade_untrusted', bills: [bill] }, NOW);
    expect(said.text.en).toMatch(
      /trade bill cannot be trusted: its lines do not add up to its own summary \(count: summary 2, lines 3\)\./i,
    );
    expect(said.text.zh).toContain('明细与汇总不符（count: summary 2, lines 3）');
  });

  test('in the place of an imported one is told, however the day stands', () => {
    const later = { ...bill, kind: 'fundflow', state: 'imported', distrust: 'hash', distrustWhy: null } as const;
    for (const day of [{ ...ENDED, bills: [later] }, { ...ENDED, state: 'differs', bills: [later] } as const]) {
      const said = explainDay(day, NOW);
      expect(said.text.en).toContain(
        'A later fund-flow bill was not taken, and the one before it counts: it is not the file whose hash was announced.',
      );
      expect(said.text.zh).toContain('后来的资金账单未采用，仍以先前的为准：文件与公布的摘要不符。');
      expect(said.commands).toContain('paysaga reconcile 2026-03-01 --mchid 1900000001');
    }
    expect(explainDay({ ...RUNNING, bills: [later] }, NOW).text.en).not.toContain('later');
  });

  test('is on the card', () => {
    const shown = shownDay({ ...ENDED, bills: [{ ...bill, state: 'imported' }] });
    expect(dayCard(shown, 'en', NOW.getTime())).toContain('A later trade bill was not taken');
    const { bills: _, ...before } = shown;
    expect(dayCard(before, 'en', NOW.getTime())).toContain('Both sides agree.');
  });
});

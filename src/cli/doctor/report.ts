import type { CheckResult } from './checker.js';
import type { Group, Status } from './finding.js';

export type Summary = Readonly<Record<Status, number>> & { readonly fixed: number; readonly unreachable: number };

export function summaryOf(checks: readonly CheckResult[]): Summary {
  const count = (status: Status): number => checks.filter((check) => check.status === status).length;
  return {
    ok: count('ok'),
    warning: count('warning'),
    failed: count('failed'),
    skipped: count('skipped'),
    fixed: checks.filter(({ fixed }) => fixed).length,
    unreachable: checks.filter((check) => check.unreachable).length,
  };
}

/** Lines for a terminal and for a pipe alike: a group's name, its checks, and under a problem its cure. */
export function reportText(checks: readonly CheckResult[]): string {
  const groups = Object.keys(TITLES).flatMap((group) => {
    const members = checks.filter((check) => check.group === group);
    return members.length === 0 ? [] : [groupText(members)];
  });
  return `${[...groups, summaryText(summaryOf(checks))].join('\n\n')}\n`;
}

const TITLES: Readonly<Record<Group, string>> = {
  configuration: 'Configuration',
  merchant: 'Merchants',
  gateway: 'WeChat Pay',
  database: 'Postgres',
  temporal: 'Temporal',
  notify: 'Notifies',
};

const SIGNS: Readonly<Record<Status, string>> = { ok: '✓', warning: '!', failed: '✗', skipped: '–' };

function groupText(members: readonly CheckResult[]): string {
  const [first] = members;
  const width = Math.max(...members.map((check) => labelOf(check).length));
  const lines = members.flatMap((check) => linesOf(check, width));
  return [first === undefined ? '' : TITLES[first.group], ...lines].join('\n');
}

function linesOf(check: CheckResult, width: number): string[] {
  const seen = check.fixed ? `repaired: ${check.seen}` : check.seen;
  const line = `  ${SIGNS[check.status]} ${labelOf(check).padEnd(width)}  ${seen}`;
  return check.cure === null ? [line] : [line, `    → ${check.cure}`];
}

/** Where a group has one subject its title says it. */
const labelOf = ({ group, subject, name }: CheckResult): string => (subject === group ? name : `${subject}: ${name}`);

function summaryText({ ok, warning, failed, skipped, fixed }: Summary): string {
  const total = ok + warning + failed + skipped;
  const repaired = fixed === 0 ? '' : `, ${fixed} repaired`;
  return `${total} ${total === 1 ? 'check' : 'checks'}: ${ok} ok, ${warning} ${warning === 1 ? 'warning' : 'warnings'}, ${failed} failed, ${skipped} skipped${repaired}`;
}

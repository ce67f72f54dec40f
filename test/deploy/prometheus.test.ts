import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { STUCK_REASONS } from '../../src/orders/rules/states.js';
import { anchors, read } from '../docs/documents.js';
import { root } from './compose-file.js';
import { alerts } from './monitoring.js';
import { promtool } from './promtool.js';

const folder = join(root, 'deploy/prometheus');
const isThere = promtool(folder, '--version') !== undefined;
if (!isThere) console.error('skipped: promtool is not installed here, so that Prometheus does not judge its files');

test.skipIf(!isThere).each([
  ['the rules are rules', 'check', 'rules', 'alerts.yml'],
  ['the configuration is one', 'check', 'config', 'prometheus.yml'],
  ['the alerts fire when they should and are silent when they should', 'test', 'rules', 'alerts.test.yml'],
])('promtool: %s', (_what, ...args) => {
  expect(promtool(folder, ...args)).toMatchObject({ ended: 0 });
});

test('every alert is seen firing in the test of the rules', () => {
  const tested = readFileSync(join(folder, 'alerts.test.yml'), 'utf8');
  expect(alerts.length).toBeGreaterThan(20);
  for (const { alert } of alerts) expect(tested).toContain(`alertname="${alert}"`);
});

test('alerts have names of their own', () => {
  const names = alerts.map(({ alert }) => alert);
  expect(new Set(names).size).toBe(names.length);
});

/** Where the installation says that its runbook is; else the file. */
const RUNBOOK = '{{ with $externalLabels.runbook }}{{ . }}{{ else }}docs/runbook.md{{ end }}#';

test.each(alerts)('$alert: leads to its part of the runbook', ({ alert, annotations: { runbook_url: url } }) => {
  const wanted = url.includes('$labels.reason')
    ? STUCK_REASONS.map((reason) => url.replace('{{ $labels.reason }}', reason))
    : [`${RUNBOOK}alerts-${kebab(alert)}`];
  if (!url.includes('$labels')) expect(url).toBe(wanted[0]);
  const there = anchors(read('docs/runbook.md')).map((anchor) => RUNBOOK + anchor);
  expect(there).toEqual(expect.arrayContaining(wanted));
});

const kebab = (name: string): string => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { root } from './compose-file.js';

const rulesFile = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          labels: z.object({ severity: z.enum(['warning', 'critical']) }),
          annotations: z.object({ summary: z.string(), description: z.string(), runbook_url: z.string() }),
        }),
      ),
    }),
  ),
});

/** Every alert, in the order of the file. */
export const alerts = rulesFile
  .parse(parse(readFileSync(join(root, 'deploy/prometheus/alerts.yml'), 'utf8')))
  .groups.flatMap(({ rules }) => rules);

const dashboardFile = z.object({
  uid: z.string(),
  title: z.string(),
  templating: z.object({ list: z.array(z.looseObject({ name: z.string(), definition: z.string().optional() })) }),
  panels: z.array(
    z.object({
      id: z.number(),
      type: z.string(),
      title: z.string(),
      gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      targets: z.array(z.object({ expr: z.string() })).default([]),
    }),
  ),
});

const folder = join(root, 'deploy/grafana/dashboards');
export const dashboards = readdirSync(folder).map((name) => ({
  name,
  ...dashboardFile.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))),
}));

/** Names of metrics in a query. */
export const metricsIn = (expr: string): string[] =>
  expr
    .replaceAll(/"[^"]*"/g, '')
    .match(/\b(paysaga|temporal|nodejs|process)_\w+/g)
    ?.filter((name) => name !== '') ?? [];

import { drizzle } from 'drizzle-orm/postgres-js';
import type { Sql } from 'postgres';
import { z } from 'zod';
import { NO_FOREIGN } from '../../src/reconciliation/rules/foreign.js';
import { matchDay } from '../../src/reconciliation/store/match.js';
import { loadDay } from '../../src/reconciliation/store/day.js';
import { onServer } from '../database.js';
import { costOf, type Cost } from '../measure.js';
import { plantedIn, PLANTS, type GeneratedDay, type DayOptions, type Found } from './day.js';

/** Matches an imported day for the first time, and looks how Postgres went about it. */
export async function measureMatch({ databaseUrl, onProgress }: DayOptions, day: GeneratedDay): Promise<Found> {
  onProgress(`Matching ${day.lines} lines`);
  const { cost, scans } = await matched(databaseUrl, day);
  const perSecond = (day.lines / cost.wallMs) * 1_000;
  return {
    figures: [
      { key: 'matchSeconds', value: cost.wallMs / 1_000, unit: 's', what: 'both bills of the day against our books' },
      { key: 'matchLinesPerSecond', value: perSecond, unit: '/s', what: 'lines of the trade bill' },
      { key: 'matchBackendCpuMs', value: cost.backendCpuMs, unit: 'ms', what: 'CPU of the Postgres session' },
      {
        ...{ key: 'matchTableScans', value: scans.length, unit: 'count', budget: { atMost: 0 } },
        what: ['tables of ours and other days of bills that are read as a whole', ...scans].join(' '),
      },
    ],
    floors: {},
  };
}

/** Throws unless it finds what was planted, and nothing else. */
export async function matched(databaseUrl: string, day: GeneratedDay): Promise<{ cost: Cost; scans: string[] }> {
  const { mchid, date } = day;
  return onServer(databaseUrl, async (sql) => {
    const sent: Statement[] = [];
    const db = drizzle(sql, { logger: { logQuery: (query, params) => void sent.push({ query, params }) } });
    const [session] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    const cost = await costOf([session?.pid ?? 0], () =>
      matchDay(db, { mchid, date, foreign: NO_FOREIGN, now: new Date() }),
    );
    const scans = await tableScans(sql, sent, day);
    const detail = await loadDay(db, day);
    const found = new Map(detail?.open.map((it) => [it.class, it.count]));
    for (const [name, planted] of plantedIn(day))
      if ((found.get(name) ?? 0) !== planted || found.size > PLANTS.length)
        throw new Error(`Not all of ${name} was found`);
    return { cost, scans };
  });
}

type Statement = { readonly query: string; readonly params: unknown[] };

/** Tables and other days' lines that a statement of these reads from end to end. */
async function tableScans(sql: Sql, sent: readonly Statement[], { date }: GeneratedDay): Promise<string[]> {
  const own = `bill_lines_${date.replaceAll('-', '')}`;
  const scanned = new Set<string>();
  // The settings that the statements ran with end with the transaction.
  await sql.begin(async (tx) => {
    for (const { query, params } of sent) {
      const isSetting = query.includes('set_config');
      if (!isSetting && !/^\s*(with|insert|update|select [^p])/.test(query)) continue;
      const rows = await tx.unsafe(isSetting ? query : `explain (format json) ${query}`, parameters.parse(params));
      if (isSetting) continue;
      const [plan] = z.array(z.object({ Plan: z.unknown() })).parse(rows[0]?.['QUERY PLAN']);
      for (const name of seqScans(plan?.Plan)) scanned.add(name);
    }
  });
  return [...scanned].filter((name) => LARGE.test(name) && name !== own);
}

const parameters = z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]));

const LARGE = /^(orders|attempts|refunds|bill_lines)/;

const planNode = z.object({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  Plans: z.array(z.unknown()).optional(),
});

function seqScans(value: unknown): string[] {
  const node = planNode.parse(value);
  const own = node['Node Type'] === 'Seq Scan' ? (node['Relation Name'] ?? []) : [];
  return [own, ...(node.Plans ?? []).map(seqScans)].flat();
}

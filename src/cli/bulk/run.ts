import { bulkPreview, bulkStarted, type BulkPreview } from '../answers.js';
import { parsed, type Api } from '../api.js';
import type { CliEnvironment } from '../environment.js';
import { CliFailure, EXIT } from '../exit.js';
import { writeJson, writeTable } from '../table.js';
import { plain, time, yuan } from '../text.js';
import { follow } from './follow.js';
import type { BulkOptions, BulkRequest } from './request.js';

/** Says first which orders it is about and how much money; goes on when a person, or `--yes`, says so. */
export async function runByFilter(
  env: CliEnvironment,
  api: Api,
  request: BulkRequest,
  options: BulkOptions,
): Promise<void> {
  const { body } = await api.post('/v1/bulk', { ...request, dryRun: true });
  const preview = parsed(bulkPreview, body);
  const isAll = options.dryRun === true || (options.yes !== true && env.confirm === undefined);
  if (isAll && options.json === true) writeJson(env, body);
  else writePreview(env, request, preview);
  if (options.dryRun === true) return;
  if (preview.count === 0) {
    env.stderr.write('Nothing to do.\n');
    return;
  }
  await requireConsent(env, request, preview, options);
  await runBulk(env, api, request, options.json);
}

/** Starts it and stays until it is over. */
export async function runBulk(
  env: CliEnvironment,
  api: Api,
  request: BulkRequest,
  json: true | undefined,
): Promise<void> {
  const { body } = await api.post('/v1/bulk', { ...request, dryRun: false });
  const { id } = parsed(bulkStarted, body);
  env.stderr.write(`Bulk ${id}: it goes on without this command; look again with: paysaga bulk ${id}\n`);
  await follow(env, api, id, json);
}

async function requireConsent(
  env: CliEnvironment,
  { action }: BulkRequest,
  { count, sumFen }: BulkPreview,
  { yes }: BulkOptions,
): Promise<void> {
  if (yes === true) return;
  if (env.confirm === undefined) {
    throw new CliFailure(EXIT.usage, 'nobody can be asked here: add --yes, or --dry-run to look only');
  }
  const agreed = await env.confirm(`${action} ${ordersOf(count)}, ${yuan(sumFen)}?`);
  if (!agreed) throw new CliFailure(EXIT.failed, 'nothing was done');
}

/** For the person who decides; the result alone is on standard output. */
function writePreview(env: CliEnvironment, { action, reason, filter }: BulkRequest, preview: BulkPreview): void {
  const { count, sumFen, sample } = preview;
  env.stderr.write(`${action}: ${ordersOf(count)}, ${yuan(sumFen)}; reason: ${plain(reason)}\n`);
  const named = new Set(filter.orderNos ?? []).size;
  if (named > count) env.stderr.write(`${named - count} of the ${named} numbers named are not among them.\n`);
  if (sample.length === 0) return;
  const rows = sample.map((it) => [it.orderNo, it.state, it.stuckReason ?? '', yuan(it.amountFen), time(it.expiresAt)]);
  writeTable(env.stderr, ['order', 'state', 'stuck', 'amount', 'expires'], rows);
  if (sample.length < count) env.stderr.write(`… and ${count - sample.length} more.\n`);
}

export const ordersOf = (count: number): string => `${count} ${count === 1 ? 'order' : 'orders'}`;

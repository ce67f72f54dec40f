import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { BulkOptions, BulkRequest } from './bulk.js';
import { orderAnswer } from './kit/answers.js';
import { parsed, type Api } from './kit/api.js';
import { CliFailure, EXIT, type CliEnvironment } from './kit/command.js';
import { plain, time, writeJson, writeTable, yuan } from './kit/output.js';
import { withProgress } from './kit/progress.js';

/** Says which orders a bulk is about and how much money; starts it when a person, or `--yes`, says so. */
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

/** On standard error, for the person who decides: standard output has the result alone. */
function writePreview(env: CliEnvironment, { action, reason, filter }: BulkRequest, preview: BulkPreview): void {
  const { count, sumFen, sample } = preview;
  env.stderr.write(`${action}: ${ordersOf(count)}, ${yuan(sumFen)}; reason: ${plain(reason)}\n`);
  const named = new Set(filter.orderNos ?? []).size;
  if (named > count) env.stderr.write(`${named - count} of the ${named} numbers named are not among them.\n`);
  if (sample.length === 0) return;
  writeTable(env.stderr, sample, {
    order: (it) => it.orderNo,
    state: (it) => it.state,
    stuck: (it) => it.stuckReason,
    amount: (it) => yuan(it.amountFen),
    expires: (it) => time(it.expiresAt),
  });
  if (sample.length < count) env.stderr.write(`… and ${count - sample.length} more.\n`);
}

const ordersOf = (count: number): string => `${count} ${count === 1 ? 'order' : 'orders'}`;

const LOOK_EVERY_MS = 500;
/** Ten seconds: an ingress that restarts is back by then. */
const LOOKS_WITHOUT_ANSWER = 20;

type Look = { readonly body: unknown; readonly status: BulkStatus };

/** Stays until the bulk is over. Throws when it failed for any order. */
export async function follow(env: CliEnvironment, api: Api, id: string, json: true | undefined): Promise<void> {
  const { body, status } = await finished(env, api, id);
  if (json === true) writeJson(env, body);
  else writeResult(env, status);
  const { failedCount, total } = status;
  if (failedCount > 0) throw new CliFailure(EXIT.failed, `${failedCount} of ${total} failed`);
}

async function finished(env: CliEnvironment, api: Api, id: string): Promise<Look> {
  let look = await patientLook(env, api, id);
  return withProgress(env, look.status.total, async (progress) => {
    for (;;) {
      progress.to(look.status.done + look.status.failedCount);
      if (look.status.finishedAt !== null) return look;
      await sleep(env);
      look = await patientLook(env, api, id);
    }
  });
}

async function patientLook(env: CliEnvironment, api: Api, id: string): Promise<Look> {
  for (let looks = 1; ; looks += 1) {
    try {
      const body = await api.get(`/v1/bulk/${id}`);
      return { body, status: parsed(bulkStatus, body) };
    } catch (error) {
      const isAway = error instanceof CliFailure && error.exitCode === EXIT.unreachable;
      if (!isAway || looks === LOOKS_WITHOUT_ANSWER) throw error;
      await sleep(env);
    }
  }
}

const sleep = (env: CliEnvironment): Promise<void> => (env.sleep ?? ((ms: number) => pause(ms)))(LOOK_EVERY_MS);

function writeResult(env: CliEnvironment, { done, total, failed, failedCount }: BulkStatus): void {
  if (failed.length > 0)
    writeTable(env.stdout, failed, { order: ({ orderNo }) => orderNo, 'failed with': ({ code }) => code });
  env.stdout.write(`${done} of ${total} done, ${failedCount} failed.\n`);
}

const bulkPreview = z.object({
  count: z.number(),
  sumFen: z.number(),
  sample: z.array(
    orderAnswer.pick({ orderNo: true, amountFen: true, state: true, stuckReason: true, expiresAt: true }),
  ),
});
type BulkPreview = z.infer<typeof bulkPreview>;

const bulkStarted = z.object({ id: z.string() });

const bulkStatus = z.object({
  total: z.number(),
  done: z.number(),
  failedCount: z.int(),
  failed: z.array(z.object({ orderNo: z.string(), code: z.string() })),
  finishedAt: z.string().nullable(),
});
type BulkStatus = z.infer<typeof bulkStatus>;

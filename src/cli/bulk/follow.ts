import { setTimeout as pause } from 'node:timers/promises';
import { bulkStatus, type BulkStatus } from '../answers.js';
import { parsed, type Api } from '../api.js';
import type { CliEnvironment } from '../environment.js';
import { CliFailure, EXIT } from '../exit.js';
import { startProgress, type Progress } from '../progress.js';
import { writeJson, writeTable } from '../table.js';

const LOOK_EVERY_MS = 500;
/** An ingress that restarts is back by then. */
const LOOKS_WITHOUT_ANSWER = 20;

type Look = { readonly body: unknown; readonly status: BulkStatus };

/** Looks until the bulk is over. Fails when it failed for any order. */
export async function follow(env: CliEnvironment, api: Api, id: string, json: true | undefined): Promise<void> {
  const { body, status } = await finished(env, api, id);
  if (json === true) writeJson(env, body);
  else writeResult(env, status);
  const { failedCount, total } = status;
  if (failedCount > 0) throw new CliFailure(EXIT.failed, `${failedCount} of ${total} failed`);
}

async function finished(env: CliEnvironment, api: Api, id: string): Promise<Look> {
  let progress: Progress | undefined;
  try {
    for (;;) {
      const look = await patientLook(env, api, id);
      progress ??= startProgress(env, look.status.total);
      progress.to(look.status.done + look.status.failedCount);
      if (look.status.finishedAt !== null) return look;
      await sleep(env);
    }
  } finally {
    progress?.stop();
  }
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
    writeTable(
      env.stdout,
      ['order', 'failed with'],
      failed.map(({ orderNo, code }) => [orderNo, code]),
    );
  env.stdout.write(`${done} of ${total} done, ${failedCount} failed.\n`);
}

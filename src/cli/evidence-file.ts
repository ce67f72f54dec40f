import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../base/canonical-json.js';
import {
  eventWorkflowId,
  orderWorkflowId,
  parseMchid,
  parseOrderNo,
  parseOutRefundNo,
  refundWorkflowId,
} from '../base/ids.js';
import { isUnavailable } from '../db/failure.js';
import { executionsOf, fetchHistory, historyToProtoJson } from '../temporal/history.js';
import { TemporalUnavailable } from '../temporal/call.js';
import type { OrderRef } from '../orders/store/order.js';
import { loadOrderProof } from '../timeline/store/proof.js';
import { orderDetail, type OrderDetail } from './kit/answers.js';
import { orderPath, parsed, type Api } from './kit/api.js';
import { CliFailure, EXIT, type CliEnvironment } from './kit/command.js';
import { inParallel, withProgress } from './kit/progress.js';
import { withDatabase, withTemporal } from './kit/services.js';

type Part = { readonly parts: Parts; readonly missing: readonly Missing[] };

/** One order from the API, Postgres and Temporal; the manifest names the missing parts. */
export async function collectEvidence(env: CliEnvironment, api: Api, orderNo: string): Promise<EvidenceFile> {
  const body = await api.get(orderPath(orderNo));
  const order = parsed(orderDetail, body);
  const mchid = order.mchid;
  const timeline = await api.get(orderPath(orderNo, '/timeline'), { mchid });
  const stored = await fromDatabase(env, refOf(order)).catch(missingIfAway('database'));
  const histories = await fromTemporal(env, workflowsOf(order)).catch(missingIfAway('histories'));
  const about = { mchid, orderNo, collectedAt: env.now().toISOString(), source: 'paysaga evidence' };
  return evidenceFile(
    { ...about, missing: [...stored.missing, ...histories.missing] },
    { order: withoutPaying(body), timeline, ...stored.parts, ...histories.parts },
  );
}

/** Left out: an evidence file is passed on, and these let its reader pay. */
const PAYING = new Set(['checkoutUrl', 'codeUrl', 'prepayId', 'h5Url', 'invoke']);

function withoutPaying(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPaying);
  const record = z.record(z.string(), z.unknown()).safeParse(value).data;
  if (record === undefined) return value;
  const fields = Object.entries(record).filter(([name]) => !PAYING.has(name));
  return Object.fromEntries(fields.map(([name, field]) => [name, name === 'metadata' ? field : withoutPaying(field)]));
}

async function fromDatabase(env: CliEnvironment, ref: OrderRef): Promise<Part> {
  const parts = await withDatabase(env, (db) => loadOrderProof(db, ref));
  return { parts, missing: [] };
}

async function fromTemporal(env: CliEnvironment, workflowIds: readonly string[]): Promise<Part> {
  const { histories, gone } = await historiesOf(env, workflowIds);
  return { parts: { histories }, missing: gone.map((part) => ({ part, why: 'not_found' })) };
}

const missingIfAway =
  (part: string) =>
  (error: unknown): Part => {
    const isAway = error instanceof CliFailure && error.exitCode === EXIT.unreachable;
    if (!isAway && !isUnavailable(error) && !(error instanceof TemporalUnavailable)) throw error;
    return { parts: {}, missing: [{ part, why: 'unreachable' }] };
  };

function workflowsOf(order: OrderDetail): string[] {
  const { mchid, orderNo } = refOf(order);
  const refunds = order.refunds.flatMap(({ refundNo }) => {
    const number = parseOutRefundNo(refundNo);
    return number.ok ? [refundWorkflowId(mchid, number.value)] : [];
  });
  return [orderWorkflowId(mchid, orderNo), ...refunds, ...order.events.map(({ id }) => eventWorkflowId(id))];
}

function refOf(order: OrderDetail): OrderRef {
  const mchid = parseMchid(order.mchid);
  const orderNo = parseOrderNo(order.orderNo);
  if (!mchid.ok || !orderNo.ok) throw new CliFailure(EXIT.failed, "the API's answer names no order");
  return { mchid: mchid.value, orderNo: orderNo.value };
}

const TIMEOUT_MS = 15_000;

function historiesOf(env: CliEnvironment, workflowIds: readonly string[]) {
  return withTemporal(env, ({ client }) =>
    withProgress(env, workflowIds.length, async (progress) => {
      const found = await inParallel(workflowIds, async (workflowId) => {
        const executions = await executionsOf(client, workflowId, TIMEOUT_MS);
        const histories = await inParallel(executions, async (execution) => ({
          ...execution,
          history: historyToProtoJson(await fetchHistory(client, execution, TIMEOUT_MS)),
        }));
        progress.step();
        return histories;
      });
      return { histories: found.flat(), gone: workflowIds.filter((_, index) => found[index]?.length === 0) };
    }),
  );
}

const FORMAT = 'paysaga-evidence/1';

const manifest = z.object({
  format: z.literal(FORMAT),
  mchid: z.string(),
  orderNo: z.string(),
  collectedAt: z.string(),
  source: z.string(),
  parts: z.array(z.object({ name: z.string(), sha256: z.string() })),
  /** `not_found`: a workflow that never was, or is past its retention. */
  missing: z.array(z.object({ part: z.string(), why: z.enum(['unreachable', 'not_found']) })),
});
type Manifest = z.infer<typeof manifest>;
type Missing = Manifest['missing'][number];

const fileSchema = z.object({ manifest, parts: z.record(z.string(), z.unknown()) });
export type EvidenceFile = z.infer<typeof fileSchema>;

type Parts = Readonly<Record<string, unknown>>;

export function evidenceFile(about: Omit<Manifest, 'format' | 'parts'>, parts: Parts): EvidenceFile {
  // As in JSON: dates are text, undefined fields are absent.
  const plain = z.record(z.string(), z.unknown()).parse(JSON.parse(JSON.stringify(parts)));
  const hashes = Object.entries(plain).map(([name, part]) => ({ name, sha256: hashOf(part) }));
  return { manifest: { format: FORMAT, ...about, parts: hashes }, parts: plain };
}

/** Parts that differ from the manifest; `undefined` for a file of another format. */
export function alteredParts(file: unknown): string[] | undefined {
  const read = fileSchema.safeParse(file).data;
  if (read === undefined) return undefined;
  const expected = new Map(read.manifest.parts.map(({ name, sha256: hash }) => [name, hash]));
  const names = new Set([...expected.keys(), ...Object.keys(read.parts)]);
  return [...names].filter((name) => !(name in read.parts) || hashOf(read.parts[name]) !== expected.get(name));
}

const hashOf = (part: unknown): string => sha256(canonicalJson(part));

export const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

import { z } from 'zod';
import { isUnavailable } from '../../db/failure.js';

import { loadOrderProof } from '../../timeline/store/proof.js';
import {
  eventWorkflowId,
  orderWorkflowId,
  parseMchid,
  parseOrderNo,
  parseOutRefundNo,
  refundWorkflowId,
} from '../../base/ids.js';
import { TemporalUnavailable } from '../../temporal/port.js';
import type { OrderRef } from '../../temporal/port.js';
import { orderDetail, type OrderDetail } from '../answers.js';
import { parsed, type Api } from '../api.js';
import { withDatabase } from '../database.js';
import type { CliEnvironment } from '../environment.js';
import { CliFailure, EXIT } from '../exit.js';
import { orderPath } from '../paths.js';
import { evidenceFile, type EvidenceFile, type Missing } from './file.js';
import { historiesOf } from './histories.js';

type Part = { readonly parts: Readonly<Record<string, unknown>>; readonly missing: readonly Missing[] };

/** Everything there is about one order, from the API, Postgres and Temporal; what cannot be had is said. */
export async function collect(env: CliEnvironment, api: Api, orderNo: string): Promise<EvidenceFile> {
  const body = await api.get(orderPath(orderNo));
  const order = parsed(orderDetail, body);
  const mchid = order.mchid;
  const timeline = await api.get(orderPath(orderNo, '/timeline'), { mchid });
  const stored = await fromDatabase(env, refOf(order));
  const histories = await fromTemporal(env, workflowsOf(order));
  const about = { mchid, orderNo, collectedAt: env.now().toISOString(), source: 'paysaga evidence' };
  return evidenceFile(
    { ...about, missing: [...stored.missing, ...histories.missing] },
    { order: withoutPaying(body), timeline, ...stored.parts, ...histories.parts },
  );
}

/** What somebody could pay with proves nothing, and is gone from a file that is passed on. */
const PAYING = new Set(['checkoutUrl', 'codeUrl', 'prepayId', 'h5Url', 'invoke']);

function withoutPaying(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPaying);
  const record = z.record(z.string(), z.unknown()).safeParse(value).data;
  if (record === undefined) return value;
  const fields = Object.entries(record).filter(([name]) => !PAYING.has(name));
  return Object.fromEntries(fields.map(([name, field]) => [name, name === 'metadata' ? field : withoutPaying(field)]));
}

async function fromDatabase(env: CliEnvironment, ref: OrderRef): Promise<Part> {
  try {
    return { parts: await withDatabase(env, (db) => loadOrderProof(db, ref)), missing: [] };
  } catch (error) {
    if (!isUnavailable(error) && !isUnreachable(error)) throw error;
    return { parts: {}, missing: [{ part: 'database', why: 'unreachable' }] };
  }
}

async function fromTemporal(env: CliEnvironment, workflowIds: readonly string[]): Promise<Part> {
  try {
    const { histories, gone } = await historiesOf(env, workflowIds);
    return { parts: { histories }, missing: gone.map((part) => ({ part, why: 'not_found' as const })) };
  } catch (error) {
    if (!(error instanceof TemporalUnavailable) && !isUnreachable(error)) throw error;
    return { parts: {}, missing: [{ part: 'histories', why: 'unreachable' }] };
  }
}

const isUnreachable = (error: unknown): boolean => error instanceof CliFailure && error.exitCode === EXIT.unreachable;

/** The order's, its refunds' and its events' workflows; one that was never needed is not found, as one long gone is. */
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

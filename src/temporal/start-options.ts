import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import type { WorkflowStartOptions } from '@temporalio/client';
import type { Language } from '../base/language.js';
import { orderWorkflowId } from '../base/ids.js';
import { formatYuan } from '../base/money.js';
import type { OrderRecord } from '../domain/order/record.js';
import { PRODUCT_NAMES } from '../domain/product.js';
import { SEARCH_ATTRIBUTES, WORKFLOW_TASK_TIMEOUT, type OrderInput } from '../../workflows/messages.js';
import type { OrderRef } from './port.js';

/** The workflow is named, not imported: the client must not load workflow code. */
export const ORDER_WORKFLOW = 'order';
export type OrderWorkflow = (input: OrderInput) => Promise<void>;

type StartOptions = WorkflowStartOptions<OrderWorkflow>;

const PAY_STATE = defineSearchAttributeKey(SEARCH_ATTRIBUTES.payState, SearchAttributeType.KEYWORD);
const MCHID = defineSearchAttributeKey(SEARCH_ATTRIBUTES.mchid, SearchAttributeType.KEYWORD);

/** Where orders run and in which language their cards are. */
export type Installation = { readonly taskQueue: string; readonly language: Language };

/** An order as it starts for the first time. Its row is there already and is the guard; a number runs once. */
export function startOptions(order: OrderRecord, installation: Installation) {
  const [first] = order.attempts;
  if (first === undefined) throw new Error('an order has at least one attempt');
  const { mchid, orderNo, amountFen, policy } = order;
  const { product, appid } = first;
  const times = { createdAtMs: order.createdAt.getTime(), deadlineMs: order.expiresAt.getTime() };
  return {
    ...shared(order, installation),
    args: [
      { mchid, orderNo, language: installation.language, resume: false, amountFen, ...times, product, appid, policy },
    ],
    staticSummary: `${formatYuan(amountFen)} · ${PRODUCT_NAMES[product]} · ${orderNo}`,
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
  } satisfies StartOptions;
}

/** An order started again from its row, or joined where it runs. */
export function resumeOptions(ref: OrderRef, installation: Installation, recheck: boolean) {
  const { mchid, orderNo } = ref;
  return {
    ...shared(ref, installation),
    args: [{ mchid, orderNo, language: installation.language, resume: true, recheck }],
    staticSummary: `${orderNo} · resumed`,
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  } satisfies StartOptions;
}

function shared({ mchid, orderNo }: OrderRef, { taskQueue }: Installation) {
  return {
    workflowId: orderWorkflowId(mchid, orderNo),
    taskQueue,
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    typedSearchAttributes: new TypedSearchAttributes([
      { key: MCHID, value: mchid },
      { key: PAY_STATE, value: 'awaitingPayment' },
    ]),
  };
}

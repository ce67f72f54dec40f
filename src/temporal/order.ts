import { WithStartWorkflowOperation, WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import type { Db } from '../db/connection.js';
import { orderWorkflowId } from '../base/ids.js';
import type { OrderRecord } from '../domain/order/record.js';
import type { Shop } from '../domain/order/state.js';
import {
  closeUpdate,
  createUpdate,
  extendDeadlineUpdate,
  fulfilmentUpdate,
  openAttemptUpdate,
  recheckSignal,
  resolveUpdate,
  shopHeardSignal,
  syncUpdate,
} from '../../workflows/messages.js';
import { reach, reachOrPending } from './call.js';
import { deliverEvidence } from './deliver-evidence.js';
import type { OrderRef, OrderWorkflows } from './port.js';
import { endStalled, progressOf } from './progress.js';
import { ORDER_WORKFLOW, resumeOptions, startOptions, type Installation, type OrderWorkflow } from './start-options.js';

export type OrderWorkflowsDeps = {
  readonly client: Client;
  readonly db: Db;
  readonly installation: Installation;
  readonly now: () => Date;
  /** Milliseconds a call waits for the workflow; the API's is 8 s. */
  readonly waitMs: number;
};

/** Milliseconds to hand over a signal or a start; a notify's whole answer has 4 s. */
const HAND_OVER_MS = 3_000;
const SYNC_WINDOW_MS = 5_000;

/** The order workflows over a Temporal client. Update ids are made from business ids: a repeat joins instead of doing it twice. */
export function createOrderWorkflows(deps: OrderWorkflowsDeps): OrderWorkflows {
  const { client, installation } = deps;
  return {
    create: (order) => create(deps, order),

    openAttempt: ({ requestId, outTradeNo, product, appid, reenter, ...ref }) =>
      update(deps, ref, openAttemptUpdate, {
        updateId: `attempt/${requestId}`,
        args: [{ outTradeNo, product, appid, reenter }],
      }),

    close: ({ requestId, ...ref }) => update(deps, ref, closeUpdate, { updateId: `close/${requestId}`, args: [] }),

    sync(ref) {
      const window = Math.floor(deps.now().getTime() / SYNC_WINDOW_MS);
      return update(deps, ref, syncUpdate, { updateId: `sync/${window}`, args: [] });
    },

    extendDeadline: ({ requestId, until, ...ref }) =>
      update(deps, ref, extendDeadlineUpdate, {
        updateId: `extend/${requestId}`,
        args: [{ untilMs: until.getTime() }],
      }),

    reportFulfilment: ({ outcome, ...ref }) =>
      update(deps, ref, fulfilmentUpdate, { updateId: `fulfilment/${outcome}`, args: [outcome] }),

    resolve: ({ requestId, action, ...ref }) =>
      update(deps, ref, resolveUpdate, { updateId: `resolve/${requestId}`, args: [action] }),

    async shopHeard({ shop, ...ref }) {
      const options = {
        ...resumeOptions(ref, installation, false),
        signal: shopHeardSignal,
        signalArgs: [shop] as [Shop],
      };
      await reach(client, HAND_OVER_MS, () =>
        client.workflow.signalWithStart<OrderWorkflow, [Shop]>(ORDER_WORKFLOW, options),
      );
    },

    async recheck(ref) {
      const options = { ...resumeOptions(ref, installation, true), signal: recheckSignal, signalArgs: [] as [] };
      await reach(client, HAND_OVER_MS, () => client.workflow.signalWithStart<OrderWorkflow>(ORDER_WORKFLOW, options));
    },

    deliverEvidence: ({ evidence, ...ref }) => deliverEvidence({ ...deps, timeoutMs: HAND_OVER_MS }, ref, evidence),

    resume: (ref) => resume(deps, ref, false),

    progress: async ({ mchid, orderNo, now }) => (await progressOf(client, orderWorkflowId(mchid, orderNo), now)).kind,

    async rescue({ force, ...ref }) {
      const outcome = await endStalled(client, orderWorkflowId(ref.mchid, ref.orderNo), force);
      // What the lost run was told last it may not have asked about.
      if (outcome === 'rescued') await resume(deps, ref, true);
      return outcome;
    },
  };
}

async function resume({ client, installation }: OrderWorkflowsDeps, ref: OrderRef, recheck: boolean): Promise<void> {
  const options = resumeOptions(ref, installation, recheck);
  await reach(client, HAND_OVER_MS, () => client.workflow.start<OrderWorkflow>(ORDER_WORKFLOW, options));
}

/** The row decides whether this order is new; Temporal only remembers for its retention. A run that ended early is resumed. */
async function create(deps: OrderWorkflowsDeps, order: OrderRecord): Promise<'answered' | 'pending'> {
  const options = startOptions(order, deps.installation);
  try {
    const outcome = await reachOrPending(deps.client, deps.waitMs, () =>
      deps.client.workflow.executeUpdateWithStart(createUpdate, {
        updateId: 'create',
        args: [],
        startWorkflowOperation: new WithStartWorkflowOperation<OrderWorkflow>(ORDER_WORKFLOW, options),
      }),
    );
    return outcome === 'pending' ? 'pending' : 'answered';
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const outcome = await update(deps, order, createUpdate, { updateId: `create/${order.version}`, args: [] });
    return outcome === 'pending' ? 'pending' : 'answered';
  }
}

/** An update to the order's workflow, started again from its row where it has ended. */
function update<Outcome, Args extends unknown[]>(
  deps: OrderWorkflowsDeps,
  ref: OrderRef,
  definition: UpdateDefinition<Outcome, Args>,
  { updateId, args }: { readonly updateId: string; readonly args: Args },
): Promise<Outcome | 'pending'> {
  const { mchid, orderNo } = ref;
  const options = resumeOptions({ mchid, orderNo }, deps.installation, false);
  return reachOrPending(deps.client, deps.waitMs, () =>
    deps.client.workflow.executeUpdateWithStart(definition, {
      updateId,
      args,
      startWorkflowOperation: new WithStartWorkflowOperation<OrderWorkflow>(ORDER_WORKFLOW, options),
    }),
  );
}

import { defineSignal } from '@temporalio/workflow';

/** Workflows with what is local to them, the gateway calls, polls, the shops' endpoints and the bills, apart so that none can starve another. */
export type TaskQueues = Readonly<Record<'order' | 'wechat' | 'polls' | 'money' | 'shop' | 'bills', string>>;

/** A suffix lets several installations share one namespace. */
export const taskQueues = (suffix = ''): TaskQueues => ({
  order: `paysaga${suffix}`,
  wechat: `wechat${suffix}`,
  polls: `wechat-polls${suffix}`,
  money: `wechat-money${suffix}`,
  shop: `paysaga-shop${suffix}`,
  bills: `paysaga-bills${suffix}`,
});

export const queuesBeside = (orderQueue: string): TaskQueues => taskQueues(orderQueue.slice('paysaga'.length));

/**
 * Of every start, child and continued run: the SDK reports a task whose local activities take 0.8 of it as still running, and
 * what arrives then is folded in another order live than in a replay. It is not inherited.
 */
export const WORKFLOW_TASK_TIMEOUT = '30 seconds';

/** Registered with the namespace. */
export const SEARCH_ATTRIBUTES = { payState: 'PayState', stuckReason: 'StuckReason', mchid: 'Mchid' } as const;

export const recheckSignal = defineSignal('recheck');

import { bulkWorkflowId } from '../../src/base/ids.js';
import type { Story } from './story.js';

/** Paths of bulks, by the name of their file. */
export const bulkStories: Readonly<Record<string, Story>> = {
  /** Of two slices. */
  bulk: async (saga) => {
    const { orderNo } = await saga.createOrder();
    const filter = { orderNos: [orderNo, ...Array.from({ length: 204 }, (_, n) => `nobody-${n}`)] };
    const body = { action: 'hold', filter, reason: 'the payer asked for time', dryRun: false };
    const answer: unknown = (await saga.call('POST', '/v1/bulk', body, saga.operatorKey)).body;
    const { id } = answer as { id: string };
    const handle = saga.services.temporal.client.workflow.getHandle(bulkWorkflowId(id));
    await handle.result();
    return handle;
  },
};

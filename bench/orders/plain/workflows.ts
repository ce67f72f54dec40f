import { condition, defineSignal, defineUpdate, proxyActivities, setHandler } from '@temporalio/workflow';
import type { plainActivities } from './activities.js';

const paidSignal = defineSignal('paid');
const createUpdate = defineUpdate<string>('create');

const { prepay, confirm } = proxyActivities<ReturnType<typeof plainActivities>>({
  startToCloseTimeout: '20 seconds',
});

/** Two activities with a wait between them; the shop that creates the order waits for the first one's answer. */
export async function plain(orderNo: string): Promise<void> {
  const seen: { codeUrl: string | null; paid: boolean } = { codeUrl: null, paid: false };
  setHandler(paidSignal, () => {
    seen.paid = true;
  });
  setHandler(createUpdate, async () => {
    await condition(() => seen.codeUrl !== null);
    return seen.codeUrl ?? '';
  });
  seen.codeUrl = await prepay(orderNo);
  await condition(() => seen.paid, '2 hours');
  await confirm(orderNo);
}

import { condition, defineSignal, proxyActivities, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { bareActivities } from './activities.js';

const paidSignal = defineSignal('paid');

type Activities = ReturnType<typeof bareActivities>;

const regular = proxyActivities<Activities>({ startToCloseTimeout: '20 seconds' });
const local = proxyLocalActivities<Activities>({ startToCloseTimeout: '2 seconds' });

/** The least that a durable payment can be: something done, a wait for a signal with a deadline, something done. */
export const bare = (id: string): Promise<void> => twoActivities(regular, id);

export const bareLocal = (id: string): Promise<void> => twoActivities(local, id);

async function twoActivities({ first, second }: Activities, id: string): Promise<void> {
  let paid = false;
  setHandler(paidSignal, () => {
    paid = true;
  });
  await first(id);
  await condition(() => paid, '2 hours');
  await second(id);
}

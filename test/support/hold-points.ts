import { expect } from 'vitest';
import type { TestStack } from './dev-stack.js';
import type { HeldWrites, Write } from './hold-writes.js';
import type { Fault } from './sandbox-control.js';

/** Where a process is stopped until it is killed. */
export type HeldPoint = { isReached(): Promise<boolean>; release(): Promise<void> };

/** `name` says which one it was whose write stands, or does not, against its moment. */
export async function holdWrite(writes: HeldWrites, name: string, write: Write): Promise<HeldPoint> {
  const held = await writes.hold(write);
  const release = async () => expect([name, await held.release()]).toEqual([name, write.moment === 'commit']);
  return { ...held, release };
}

/** A call of WeChat Pay that gets no answer: it is reached once it was struck. */
export async function holdCall(stack: TestStack, fault: Fault): Promise<HeldPoint> {
  const [placed] = await stack.control<{ id: string }[]>('POST', '/faults', [fault]);
  const isReached = async (): Promise<boolean> => {
    const faults = await stack.control<{ id: string; left: number | null }[]>('GET', '/faults');
    return faults.find(({ id }) => id === placed?.id)?.left === 0;
  };
  return { isReached, release: () => Promise.resolve() };
}

import {
  Client,
  Connection,
  ServiceError,
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { reach, reachOrPending, TemporalUnavailable } from '../../src/temporal/call.js';

let connection: Connection;
let client: Client;
beforeAll(async () => {
  connection = await Connection.connect({ address: inject('temporalAddress') });
  client = new Client({ connection, namespace: inject('temporalNamespace') });
});
afterAll(() => connection.close());

/** As the server says it, and the client wraps it. */
function said(code: number): ServiceError {
  const cause = Object.assign(new Error(`gRPC ${code}`), { code, details: '', metadata: {} });
  return new ServiceError('Workflow Update failed', { cause });
}

const completedBefore = new WorkflowUpdateFailedError(
  'Workflow Update failed',
  ApplicationFailure.nonRetryable('the workflow completed', 'AcceptedUpdateCompletedWorkflow'),
);

describe('an update', () => {
  it.each([
    ['its workflow task', said(9)],
    ['a run that ended before it looked at it', said(5)],
    ['a run that ended before it answered', completedBefore],
  ])('that was lost with %s is sent again', async (_name, lost) => {
    const failures = [lost, lost];
    let calls = 0;
    const answer = await reachOrPending(client, 60_000, () => {
      calls += 1;
      const failure = failures.shift();
      return failure === undefined ? Promise.resolve('answered') : Promise.reject(failure);
    });
    expect([answer, calls]).toEqual(['answered', 3]);
  });

  it('that is lost again and again is pending: it stands in Postgres, and is brought later', async () => {
    for (const lost of [said(5), said(9), said(10), new WorkflowNotFoundError('gone', 'order/1/A-1001', undefined)]) {
      let calls = 0;
      const outcome = await reachOrPending(client, 60_000, () => {
        calls += 1;
        return Promise.reject(lost);
      });
      expect([outcome, calls]).toEqual(['pending', 6]);
    }
  });

  it('that a run takes no more is pending', async () => {
    expect(await reachOrPending(client, 60_000, () => Promise.reject(said(8)))).toBe('pending');
  });

  it.each([2, 3, 6, 7, 11, 12, 13, 14, 15, 16])(
    'that gRPC fails with status %i is no bug of ours: Temporal is not available',
    async (code) => {
      await expect(reachOrPending(client, 60_000, () => Promise.reject(said(code)))).rejects.toThrow(
        TemporalUnavailable,
      );
      await expect(reach(client, 60_000, () => Promise.reject(said(code)))).rejects.toThrow(TemporalUnavailable);
    },
  );

  it('that fails in its handler is an error', async () => {
    const failure = new WorkflowUpdateFailedError('no', ApplicationFailure.nonRetryable('a bug', 'bug'));
    await expect(reachOrPending(client, 60_000, () => Promise.reject(failure))).rejects.toBe(failure);
  });

  it('that takes longer than its time is pending', async () => {
    expect(await reachOrPending(client, 60_000, () => Promise.reject(said(4)))).toBe('pending');
  });
});

describe('a namespace that is not there', () => {
  const nowhere = () => new Client({ connection, namespace: 'nobody-made-it' });

  it('is no missing workflow', async () => {
    const lost = nowhere();
    const handle = lost.workflow.getHandle('order/1/A-1001');
    await expect(reach(lost, 10_000, () => handle.signal('recheck'))).rejects.toThrow(TemporalUnavailable);
    const start = () =>
      lost.workflow.executeUpdateWithStart('close', {
        startWorkflowOperation: new WithStartWorkflowOperation('order', {
          workflowId: 'order/1/A-1001',
          taskQueue: 'none',
          workflowIdConflictPolicy: 'USE_EXISTING',
        }),
      });
    await expect(reachOrPending(lost, 10_000, start)).rejects.toThrow(TemporalUnavailable);
  });

  it('while a missing workflow is one', async () => {
    const handle = client.workflow.getHandle('order/1/nobody');
    await expect(reach(client, 10_000, () => handle.signal('recheck'))).rejects.toThrow(WorkflowNotFoundError);
  });
});

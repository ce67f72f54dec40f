import { Client, Connection, ServiceError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { reachOrPending } from '../../src/temporal/call.js';

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

  it.each([
    ['is lost again and again', said(5), 6],
    ['is not allowed', said(7), 1],
    ['fails in its handler', new WorkflowUpdateFailedError('no', ApplicationFailure.nonRetryable('a bug', 'bug')), 1],
  ])('that %s is an error', async (_name, failure, tries) => {
    let calls = 0;
    const call = (): Promise<never> => {
      calls += 1;
      return Promise.reject(failure);
    };
    await expect(reachOrPending(client, 60_000, call)).rejects.toBe(failure);
    expect(calls).toBe(tries);
  });

  it('that takes longer than its time is pending', async () => {
    expect(await reachOrPending(client, 60_000, () => Promise.reject(said(4)))).toBe('pending');
  });
});

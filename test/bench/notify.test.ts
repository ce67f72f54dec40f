import { expect, test } from 'vitest';
import { z } from 'zod';
import { bench } from '../support/bench.js';

const positive = z.number().positive();
const seen = process.platform === 'linux' ? z.number().nonnegative() : z.null();

async function reported(...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await bench(...args, '--json');
  // A missed budget: how fast it was says nothing here.
  expect(code, stderr).toBeOneOf([0, 1]);
  return JSON.parse(stdout);
}

test('notifies are opened by the floor and by us', async () => {
  const report = z.object({ openRatio: positive, openCpuMs: positive, floors: z.object({ openFloorCpuMs: positive }) });
  expect(report.safeParse(await reported('open')).error).toBeUndefined();
});

test('notifies of orders that run are all acknowledged, by the ingress and by the floor', async () => {
  const report = z.object({
    notifyIngressCpuMs: seen,
    notifyPostgresCpuMs: seen,
    notifyTemporalCpuMs: seen,
    notifyAnswerP50Ms: positive,
    sizes: z.object({ notify: z.object({ orders: z.literal(4), rounds: z.literal(1) }) }),
  });
  expect(report.safeParse(await reported('notify', '--orders', '4', '--rounds', '1')).error).toBeUndefined();
});

test('every stream is told of the change of its order', async () => {
  const report = z.object({ streamOpenCpuMs: seen, streamToldP50Ms: positive, streamToldP99Ms: positive });
  expect(report.safeParse(await reported('streams', '--orders', '10')).error).toBeUndefined();
});

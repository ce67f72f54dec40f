import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import type { Gateway } from '../../../src/channels/port.js';
import { failureOf } from './failure-of.js';
import { outTradeNo } from './values.js';

type Handler = (seen: never, response: ServerResponse) => void;

type Talk = {
  readonly gateway: Gateway;
  readonly wechat: { answer: Handler; readonly seen: readonly unknown[] };
  /** The answer that takes a close. */
  readonly accepted: Handler;
};

const durable = { patience: 'durable' } as const;
const brief = { patience: 'brief' } as const;
const asked = { outTradeNo: outTradeNo('A-10001') };

/** What a channel does with its callers' time and its connections, whatever it speaks. */
export function patienceTests(talk: () => Talk): void {
  test('a hanging gateway is given up by a brief call long before a durable one', async () => {
    const { gateway, wechat } = talk();
    wechat.answer = () => undefined;
    const stop = new AbortController();
    const ended: string[] = [];
    const patient = failureOf(gateway.query(asked, { ...durable, signal: stop.signal })).finally(() =>
      ended.push('durable'),
    );
    expect(await failureOf(gateway.query(asked, brief)).finally(() => ended.push('brief'))).toMatchObject({
      code: 'unknown',
    });
    expect(ended).toEqual(['brief']);
    stop.abort();
    await patient;
  });

  test('the caller may give up earlier; the outcome is then unknown', async () => {
    const { gateway, wechat } = talk();
    const controller = new AbortController();
    wechat.answer = () => controller.abort();
    const call = gateway.close(asked, { ...durable, signal: controller.signal });
    expect(await failureOf(call)).toMatchObject({ code: 'unknown' });
  });

  test('a call that was given up before it began is not sent', async () => {
    const { gateway, wechat } = talk();
    const options = { patience: 'brief', signal: AbortSignal.abort() } as const;
    expect(await failureOf(gateway.close(asked, options))).toMatchObject({ code: 'gate_shut' });
    expect(wechat.seen).toHaveLength(0);
  });

  test('connections are kept: many calls, one socket', async () => {
    const { gateway, wechat, accepted } = talk();
    const sockets = new Set<unknown>();
    wechat.answer = (seen, response) => {
      sockets.add(response.socket);
      accepted(seen, response);
    };
    for (let i = 0; i < 5; i += 1) await gateway.close(asked, durable);
    expect(sockets.size).toBe(1);
  });
}

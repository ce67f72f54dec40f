import { orderAnswer } from './answers.js';
import { parsed } from './api.js';
import type { CliEnvironment } from './environment.js';
import { stateOf } from './orders.js';
import { writeFacts, writeJson } from './table.js';
import { time, yuan } from './text.js';

/** The order as it stands after something was done about it. */
export function writeOrderAnswer(env: CliEnvironment, said: string, body: unknown, json: true | undefined): void {
  if (json === true) {
    writeJson(env, body);
    return;
  }
  const order = parsed(orderAnswer, body);
  writeFacts(env, `${order.orderNo}: ${said}`, [
    ['state', stateOf(order)],
    ['stuck', order.stuckReason],
    ['amount', yuan(order.amountFen)],
    ['paid', order.paidFen === 0 ? null : yuan(order.paidFen)],
    ['expires', time(order.expiresAt)],
  ]);
}

import { orderAnswer, stateOf } from './kit/answers.js';
import { writeAnswer } from './kit/api.js';
import type { CliEnvironment } from './kit/command.js';
import { time, writeFacts, yuan } from './kit/output.js';

export function writeOrderAnswer(env: CliEnvironment, said: string, body: unknown, json: true | undefined): void {
  writeAnswer(env, json, body, orderAnswer, (order) =>
    writeFacts(env, `${order.orderNo}: ${said}`, [
      ['state', stateOf(order)],
      ['stuck', order.stuckReason],
      ['amount', yuan(order.amountFen)],
      ['paid', order.paidFen === 0 ? null : yuan(order.paidFen)],
      ['expires', time(order.expiresAt)],
    ]),
  );
}

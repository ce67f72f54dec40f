import { targetOf, type AnswerOf, type InputOf, type OperationId } from './call.js';
import { NoAnswerError } from './error.js';
import { followOrder, type FollowOptions, type Order } from './follow.js';
import { Calls, OPERATIONS } from './generated/calls.js';
import type { components } from './generated/openapi.js';
import { webClock, withRetries, type CallOptions, type Clock, type RetryOptions, type Tried } from './retry.js';

export { NoAnswerError, PaySagaError, type ErrorCode, type GatewayRefusal } from './error.js';
export { verifyWebhook, WebhookError, type VerifiedEvent, type WebhookEvent } from './webhook.js';
export type { AnswerOf, CallOptions, Clock, FollowOptions, InputOf, OperationId, Order, RetryOptions };
export type Refund = components['schemas']['Refund'];
/** Every schema of the document, by its name. */
export type Schemas = components['schemas'];

export type PaySagaOptions = RetryOptions & {
  /** Where the ingress is reached, as `https://pay.example.com`. */
  readonly baseUrl: string;
  /** A merchant's key, or an operator's. */
  readonly apiKey: string;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
};

/** Done again, each of these does something new, or says that there is nothing to do any more. */
const MADE_ANEW: ReadonlySet<OperationId> = new Set([
  'startBulk',
  'sendTestEvent',
  'resolveOrder',
  'resolveRefund',
  'rescueOrder',
  'rescueRefund',
]);

/** PaySaga's API: a method for every call of it, named as in `/openapi.json`. */
export class PaySaga extends Calls {
  readonly #options: PaySagaOptions;
  readonly #clock: Clock;
  readonly #fetch: typeof fetch;

  constructor(options: PaySagaOptions) {
    super();
    this.#options = options;
    this.#clock = options.clock ?? webClock;
    // Workers refuse a fetch that is called as a method.
    this.#fetch = options.fetch ?? ((...request) => fetch(...request));
  }

  /** An order as it is now and after each change, until it is `paid` or `closed`, or as `until` says. */
  followOrder(input: InputOf<'streamOrder'>, options: FollowOptions = {}): AsyncGenerator<Order, void, undefined> {
    const { url } = targetOf(this.#options.baseUrl, OPERATIONS.streamOrder, input);
    const connect = (headers: Readonly<Record<string, string>>, signal: AbortSignal) =>
      this.#fetch(url, { headers: { ...headers, ...this.#authorization() }, redirect: 'manual', signal });
    return followOrder({ connect, clock: this.#clock }, options);
  }

  protected override async send<Id extends OperationId>(
    id: Id,
    input: object,
    options: CallOptions = {},
  ): Promise<AnswerOf<Id>> {
    const { tries, totalMs, timeoutMs } = this.#options;
    const given = Object.entries({ tries, totalMs, timeoutMs, ...options }).filter(([, value]) => value !== undefined);
    /** The server answers by the document's schema. */
    const answerOf: (text: string) => AnswerOf<Id> = JSON.parse;
    const repeats = MADE_ANEW.has(id) ? 'if_refused' : 'freely';
    const once = (signal: AbortSignal) => this.#try(id, input, signal);
    const { text, status } = await withRetries(once, Object.fromEntries(given), { clock: this.#clock, repeats });
    try {
      return answerOf(text);
    } catch (cause) {
      throw new NoAnswerError("The answer is not PaySaga's", { status, cause });
    }
  }

  async #try(id: OperationId, input: object, signal: AbortSignal): Promise<Tried> {
    const operation = OPERATIONS[id];
    const { url, body } = targetOf(this.#options.baseUrl, operation, input);
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const headers = { accept: 'application/json', ...type, ...this.#authorization() };
    const carried = body === undefined ? {} : { body };
    try {
      const response = await this.#fetch(url, {
        ...{ method: operation.method, headers, redirect: 'manual', signal },
        ...carried,
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch (silence) {
      return { silence };
    }
  }

  #authorization() {
    return { authorization: `Bearer ${this.#options.apiKey}` };
  }
}

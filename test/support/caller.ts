import type { DevFile } from '../../src/cli/kit/dev-file.js';
import type { OrderView } from '../../src/orders/api/order-schema.js';

export type Answer<Body = unknown> = { readonly status: number; readonly headers: Headers; readonly body: Body };

export type Problem = {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string;
};

/** The shop's backend and WeChat's side of a running stack, over HTTP alone. */
export type Caller = {
  api<Body = OrderView>(method: string, path: string, body?: unknown, key?: string): Promise<Answer<Body>>;
  /** Creates an order and answers it once it has its code: on a busy machine the call itself may end before that, with 202. */
  place(order: PlacedOrder): Promise<OrderView>;
  /** Throws unless the sandbox does as told. */
  control<Body = unknown>(method: string, path: string, body?: unknown): Promise<Body>;
  /** Asks until the order is as wished; an ingress that is away is asked again. Throws with what the order was last. */
  orderWhen(orderNo: string, wished: (order: OrderView) => boolean, patienceMs?: number): Promise<OrderView>;
};

export type PlacedOrder = { readonly orderNo: string } & Readonly<Record<string, unknown>>;

/** Each pause is a fifth longer than the one before, up to the longest: looking costs the machine that is looked at. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 500;

export function callerOf(dev: Pick<DevFile, 'apiUrl' | 'apiKey' | 'sandboxUrl'>): Caller {
  const api: Caller['api'] = (method, path, body, key = dev.apiKey) =>
    request(`${dev.apiUrl}${path}`, method, body, { authorization: `Bearer ${key}` });
  const orderWhen: Caller['orderWhen'] = (orderNo, wished, patienceMs) =>
    until(async () => {
      const { status, body } = await api('GET', `/v1/orders/${orderNo}`);
      return { seen: body, met: status === 200 && wished(body) };
    }, patienceMs);
  return {
    api,
    orderWhen,
    async place(order) {
      const { status, body } = await api('POST', '/v1/orders', order);
      if (status === 201) return body;
      if (status !== 202) throw new Error(`${order.orderNo}: ${status} ${JSON.stringify(body)}`);
      return orderWhen(order.orderNo, ({ state }) => state !== 'creating');
    },
    async control<Body>(method: string, path: string, body?: unknown) {
      const answer = await request<Body>(`${dev.sandboxUrl}/sandbox${path}`, method, body, {});
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
  };
}

/** Looks again until it is met; a look that throws is one more that was not. Throws with what was seen last. */
export async function until<T>(
  look: () => Promise<{ readonly seen: T; readonly met: boolean }>,
  patienceMs = 600_000,
): Promise<T> {
  const endMs = Date.now() + patienceMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 1.2)) {
    const { seen, met } = await look().catch((error: unknown) => ({ seen: error, met: false }) as const);
    if (met) return seen;
    if (Date.now() > endMs) throw new Error(`it never came true; last seen: ${describe(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

const describe = (seen: unknown): string => (seen instanceof Error ? seen.message : JSON.stringify(seen));

async function request<Body>(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Answer<Body>> {
  const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(url, { method, headers: { ...type, ...headers }, ...sent });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? null : JSON.parse(text)) as Body,
  };
}

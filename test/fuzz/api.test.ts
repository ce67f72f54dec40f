import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import pino from 'pino';
import { inject, expect, test } from 'vitest';
import { newApiKey } from '../../src/cli/keys.js';
import { insertApiKey, type ApiKeyRecord } from '../../src/access/store/api-key.js';
import { openServices } from '../../src/entries/services.js';
import { served } from '../../src/entries/served.js';
import { startIngress } from '../../src/http/start.js';
import { openOrderChanges } from '../../src/orders/api/order-changes.js';
import { temporalAnswers } from '../../src/temporal/connection.js';
import { ownDocument } from '../../scripts/own-document.js';
import { judgeOf, operationsOf, type Document, type NamedOperation } from '../http/support/document.js';
import { runs } from '../support/property-runs.js';
import { startSaga, type Saga } from '../support/saga.js';
import { startedFor } from '../support/started-for.js';
import { openAsker, type Answered } from './support/ask.js';
import { requestsOf, type Given, type Sent } from './support/requests.js';
import type { Known } from './support/schema-values.js';

const document = JSON.parse(await ownDocument()) as Document;
const judge = judgeOf(document);
const operations = operationsOf(document.paths).map((it) => ({ ...it, name: it.operation.operationId }));

/** Per operation; most of them are refused, and cheap. */
const REQUESTS = 40;

/** The ingress in front of real workflows, which it asks no longer than this. */
const WAIT_MS = 3_000;

const world = startedFor(openWorld, (it) => it.close());

test.each(operations)('$name: whatever is asked, the answer is one that the document has', async (operation) => {
  await fc.assert(
    fc.asyncProperty(requestsOf(world.given, operation), async (sent) => {
      const answer = await world.ask(sent);
      asked.set(answer.status, (asked.get(answer.status) ?? 0) + 1);
      expect(faultsOf(operation, answer), `${shown(sent)}\n${answer.status} ${answer.text.slice(0, 500)}`).toEqual([]);
    }),
    { ...runs(REQUESTS), endOnFailure: true },
  );
});

/** How often each status was answered. */
const asked = new Map<number, number>();

test('a good part of it gets past what only looks at the request', () => {
  const count = (statuses: readonly number[]) => statuses.reduce((sum, status) => sum + (asked.get(status) ?? 0), 0);
  expect(count([200, 201, 202, 204, 404, 409, 422]) / count([...asked.keys()])).toBeGreaterThan(0.2);
});

/** What the document has against an answer. */
function faultsOf({ path, operation }: NamedOperation, answer: Answered): readonly unknown[] {
  const { status, type, text } = answer;
  if (status === 500) return ['a fault of ours', ...world.errors()];
  const response = operation.responses[String(status)];
  if (response === undefined) return [`status ${status} is not documented`];
  if (response.content === undefined) return text === '' ? [] : ['the document has no body'];
  const content = response.content[type];
  if (content === undefined) return [`${status} as ${type} is not documented`];
  if (type === 'application/problem+json') return problemFaults(answer, response.description, content.schema);
  if (type === 'application/json') return judge(content.schema, JSON.parse(text));
  const isSilent = type !== 'text/event-stream' && path.startsWith('/notify') && text === '';
  return isSilent ? ['an answer without a word'] : [];
}

function problemFaults({ status, requestId, text }: Answered, description: string, schema: object): unknown[] {
  const problem = JSON.parse(text) as Record<string, unknown>;
  const { code } = problem;
  return [
    ...judge({ ...schema }, problem),
    ...(problem['status'] === status ? [] : ['its status is another than the answer’s']),
    ...(problem['requestId'] === requestId ? [] : ['its requestId is another than the answer’s']),
    ...(description.includes(`\`${String(code)}\``) ? [] : [`${String(code)} is not documented here`]),
  ];
}

const shown = ({ method, target, headers, body }: Sent): string =>
  [`${method} ${target}`, JSON.stringify(headers), body?.toString('utf8').slice(0, 500)].join('\n').slice(0, 1_500);

async function openWorld() {
  const saga = await startSaga({ merchants: 2, approval: { refundAboveFen: 100 } });
  const errors: string[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => void errors.push(line) });
  const { queues, merchants } = saga.services;
  const temporal = { connection: { address: inject('temporalAddress') }, namespace: inject('temporalNamespace') };
  const publicUrl = () => saga.apiUrl;
  const services = openServices({
    ...{ databaseUrl: saga.databaseUrl, temporal, merchants, publicUrl, queues, log },
    ...{ language: 'en', workers: 1, applicationName: 'fuzz', waitMs: WAIT_MS },
  });
  const changes = openOrderChanges(services.connection.sql);
  const own = {
    ...{ merchants, publicUrl, changes, log, checkoutKey: randomBytes(32) },
    tellTest: () => Promise.resolve(undefined),
    ready: async () => ({ temporal: await temporalAnswers(services.temporal) }),
    rateLimit: { burst: 1e6, intervalMs: 0.001 },
  };
  const ingress = await startIngress({ ...services, ...own }, served, { port: 0, host: '127.0.0.1' });
  const asker = openAsker(ingress.url);
  return {
    ask: asker.ask,
    given: { document, keys: await keysOf(saga), known: await knownOf(saga) } satisfies Given,
    errors: () => errors.splice(0),
    async close() {
      asker.close();
      await ingress.close(1_000);
      await changes.close();
      await services.close();
      await saga.stop();
    },
  };
}

async function keysOf({ services, shops, mchid, operatorKey }: Saga): Promise<string[]> {
  const keep = async (may: Partial<Pick<ApiKeyRecord, 'role' | 'refundLimitFen'>>): Promise<string> => {
    const { key, hash } = newApiKey('operator', 'live');
    const record = { kind: 'operator', name: 'Han Meimei', mchids: [mchid], hash, at: new Date(), ...may } as const;
    await insertApiKey(services.connection.db, record);
    return key;
  };
  const [own, ...others] = shops.map(({ apiKey }) => apiKey);
  const rare = [...others, operatorKey, await keep({ role: 'readOnly' }), await keep({ refundLimitFen: 50 })];
  const [person, another] = [await keep({}), await keep({})];
  return [own ?? '', own ?? '', person, person, person, person, another, another, ...rare];
}

/** Orders in several states, and the numbers of what came of them. */
async function knownOf(saga: Saga): Promise<Known> {
  const { gateway, operatorKey, mchid, shops } = saga;
  const place = async (fields = {}) => (await saga.createOrder(fields)).orderNo;
  const asOperator = async (method: string, path: string, body?: unknown): Promise<Named> =>
    (await saga.call(method, `${path}?mchid=${mchid}`, body, operatorKey)).body;
  const waiting = [await place(), await place({ product: 'h5', clientIp: '203.0.113.9' })];
  const fulfilment = { required: true, deadlineSeconds: 86_400 };
  const sold = [await place(), await place(), await place({ policy: { fulfilment } })];
  for (const orderNo of sold) {
    await gateway.pay(orderNo);
    await saga.call('POST', `/v1/orders/${orderNo}/sync`);
    await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  }
  const closed = await place();
  await saga.call('POST', `/v1/orders/${closed}/close`, {});
  const [refunded = closed] = sold;
  const refund = (refundNo: string, amountFen: number) =>
    asOperator('POST', `/v1/orders/${refunded}/refunds`, { refundNo, amountFen });
  await refund('R-small', 50);
  const { approvalId } = await refund('R-large', 500);
  const bulk = { action: 'recheck', filter: { orderNos: waiting }, reason: 'x', dryRun: false };
  const { id: bulkId } = await asOperator('POST', '/v1/bulk', bulk);
  const [event] = (await saga.order(refunded)).events;
  const inbox = await asOperator('GET', '/v1/inbox');
  const date = beijingDate(new Date(Date.now() - 86_400_000));
  await asOperator('POST', '/v1/reconciliations', { date });
  return {
    orderNo: [...waiting, ...sold, closed],
    refundNo: ['R-small', 'R-large', 'R-other', `${refunded}@return`],
    id: [approvalId, bulkId, event?.id, ...(inbox.items ?? []).map(({ id }) => id), ZERO].filter(
      (it) => it !== undefined,
    ),
    mchid: [...Array.from({ length: 8 }, () => mchid), ...shops.slice(1).map((it) => it.mchid), '1'],
    date: [date, beijingDate(new Date()), '2026-03-01'],
    from: [date, '2026-03-01'],
    to: [date, '2026-03-02'],
    clientIp: ['203.0.113.9', '2001:db8::1', '::ffff:203.0.113.9'],
    product: ['native', 'native', 'native', 'h5', 'jsapi', 'codeScan'],
    device: [{ id: 'T1', ip: '203.0.113.9' }],
    store: [{ id: '1' }],
    action: ['accept', 'return', 'close', 'reissue', 'paidOffline', 'hold', 'release', 'recheck', 'extend'],
    payer: [{ openid: 'oFuzz' }, { authCode: await gateway.code() }],
    reason: ['because', '因为'],
  };
}

type Named = {
  readonly id?: string;
  readonly approvalId?: string;
  readonly items?: readonly { readonly id: string }[];
};

const ZERO = '00000000-0000-0000-0000-000000000000';

const beijingDate = (at: Date): string => new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);

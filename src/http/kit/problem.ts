import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { IngressEnv } from './route.js';
import { gatewaySchema, orNull } from './fields.js';
import { type ApiError, ERRORS, type ErrorCode } from './api-error.js';

/** RFC 9457. `code` is what a program switches on; `detail` is for people. */
const problemSchema = z
  .strictObject({
    type: z.string().openapi({ example: 'urn:paysaga:error:order_conflict' }),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(ERRORS)),
    detail: z.string(),
    requestId: z.string(),
    gateway: orNull(gatewaySchema)
      .optional()
      .openapi({ description: "WeChat Pay's own answer; only with `prepay_refused` and `charge_refused`." }),
  })
  .openapi('Problem');

export type Problem = z.infer<typeof problemSchema>;

const RETRY_AFTER_SECONDS = 1;

export function problemResponse(error: ApiError, requestId: string): Response {
  const { status, title } = ERRORS[error.code];
  const problem: Problem = {
    type: `urn:paysaga:error:${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.message,
    requestId,
    ...(error.gateway === undefined ? {} : { gateway: error.gateway }),
  };
  const headers = new Headers({ 'Content-Type': 'application/problem+json', 'X-Request-Id': requestId });
  if (status === 401) headers.set('WWW-Authenticate', 'Bearer');
  const isWorthRepeating = status === 429 || status === 503;
  const waitSeconds = error.retryAfterSeconds ?? (isWorthRepeating ? RETRY_AFTER_SECONDS : undefined);
  if (waitSeconds !== undefined) headers.set('Retry-After', String(waitSeconds));
  return new Response(JSON.stringify(problem), { status, headers });
}

/** Replaces the problem below some paths. */
export type ErrorForm = {
  readonly covers: (path: string) => boolean;
  readonly answer: (c: Context<IngressEnv>, error: ApiError) => Response | Promise<Response>;
};

/** Every call of the API may end in these. */
const COMMON: readonly ErrorCode[] = [
  'invalid_request',
  'unauthorized',
  'forbidden',
  'method_not_allowed',
  'misdirected',
  'body_too_large',
  'unsupported_encoding',
  'rate_limited',
  'internal_error',
  'unavailable',
];

/** One call's error answers for OpenAPI, by status. */
export const problems = (...codes: readonly ErrorCode[]) => onlyProblems(...codes, ...COMMON);

/** As {@link problems}, of what needs no key and reads no body. */
export function onlyProblems(...codes: readonly ErrorCode[]): Record<string, ReturnType<typeof problemOf>> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = ERRORS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].map(([status, ofStatus]) => [String(status), problemOf(ofStatus)]));
}

/** What any request may meet before it is routed, and where it ends. */
export const PROBE_PROBLEMS = [
  'invalid_request',
  'method_not_allowed',
  'unsupported_encoding',
  'internal_error',
] as const satisfies readonly ErrorCode[];

const problemOf = (codes: readonly ErrorCode[]) => ({
  description: codes.map((code) => `\`${code}\`: ${ERRORS[code].title}.`).join(' '),
  content: { 'application/problem+json': { schema: problemSchema, ...examplesOf(codes) } },
});

/** Of what a till has to understand while the payer waits. */
const CHARGE_REFUSED = {
  type: 'urn:paysaga:error:charge_refused',
  title: ERRORS.charge_refused.title,
  status: ERRORS.charge_refused.status,
  code: 'charge_refused',
  detail: "WeChat Pay refused the charge; the order takes the payer's next code.",
  requestId: '01980c2a-7f53-7cc1-9d6e-3a6f0f3f9b11',
  gateway: { status: 400, code: 'NOTENOUGH', message: '用户账号余额不足', detail: null },
} satisfies Problem;

const examplesOf = (codes: readonly ErrorCode[]) =>
  codes.includes('charge_refused') ? { examples: { charge_refused: { value: CHARGE_REFUSED } } } : {};

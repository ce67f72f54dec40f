import { ERRORS, type ErrorCode } from './error-codes.js';
import { problemSchema } from './problem.js';

type ProblemResponse = {
  readonly description: string;
  readonly content: { readonly 'application/problem+json': { readonly schema: typeof problemSchema } };
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

/** The error answers of one route, for OpenAPI: one entry a status, naming its codes. */
export function problems(...codes: readonly ErrorCode[]): Record<string, ProblemResponse> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of [...codes, ...COMMON]) {
    const { status } = ERRORS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].map(([status, ofStatus]) => [String(status), problemOf(ofStatus)]));
}

function problemOf(codes: readonly ErrorCode[]): ProblemResponse {
  return {
    description: codes.map((code) => `\`${code}\`: ${ERRORS[code].title}.`).join(' '),
    content: { 'application/problem+json': { schema: problemSchema } },
  };
}

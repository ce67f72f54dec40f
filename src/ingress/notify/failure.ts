import type { ApiError } from '../api-error.js';
import { ERRORS } from '../error-codes.js';

export const isNotifyPath = (path: string): boolean => /^\/notify(\/|$)/.test(path);

/** WeChat Pay repeats a notify that is answered so. The message is fixed: whoever probes learns nothing from it. */
export function notifyFailure(error: ApiError, requestId: string): Response {
  const { status, title } = ERRORS[error.code];
  const headers = new Headers({ 'Content-Type': 'application/json', 'X-Request-Id': requestId });
  if (status === 503) headers.set('Retry-After', '1');
  return new Response(JSON.stringify({ code: 'FAIL', message: MESSAGES.get(error.code) ?? title }), {
    status,
    headers,
  });
}

const MESSAGES: ReadonlyMap<string, string> = new Map([
  ['unauthorized', 'The notify could not be verified'],
  ['order_not_found', 'There is no such order'],
  ['not_found', 'There is no such merchant'],
]);

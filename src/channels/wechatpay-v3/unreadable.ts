import type { GatewayRefusal } from '../../domain/gateway-answer.js';
import { GatewayError } from '../port.js';

/** WeChat Pay answered, proven, with something else than an answer to this call: whatever was asked for may have happened. */
export function unreadable(status: number): GatewayError {
  return new GatewayError('unknown', {
    refusal: withoutWords(status),
    cause: new Error('the answer is not what this call answers'),
  });
}

/** All that is known of an answer whose body says nothing that counts. */
export const withoutWords = (status: number): GatewayRefusal => ({ status, code: null, message: '', detail: null });

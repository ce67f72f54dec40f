import { createHash } from 'node:crypto';
import { canonicalJson } from '../../base/canonical-json.js';

/** SHA-256 of a parsed body as canonical JSON: equal for bodies that mean the same. */
export const hashOf = (body: Readonly<Record<string, unknown>>): string =>
  createHash('sha256').update(canonicalJson(body), 'utf8').digest('hex');

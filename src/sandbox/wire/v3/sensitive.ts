import { constants, privateDecrypt, type KeyObject } from 'node:crypto';
import { namedSigner } from '../../identity/sign.js';
import { errors, type Answer, type Call } from './call.js';

/** Why what only WeChat Pay may read cannot be read: fields by JSON pointer, in base64, sealed with the key that the call's header names. */
export function sensitiveProblem(call: Call, fields: Readonly<Record<string, string | undefined>>): Answer | undefined {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  if (given.length === 0) return undefined;
  if (call.serial === '') return errors.serialMissing();
  const key = namedSigner(call.merchant, call.serial)?.privateKey;
  const unread = given.find(([, value = '']) => key === undefined || !opens(key, value));
  return unread && errors.notOpened(unread[0]);
}

/** RSA-OAEP with SHA-1. */
function opens(key: KeyObject, base64: string): boolean {
  try {
    const sealed = Buffer.from(base64, 'base64');
    return privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, sealed).length > 0;
  } catch {
    return false;
  }
}

import { createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

/** The encrypted part of a notify or of a certificate download. */
export const sealedResource = z.object({
  algorithm: z.literal('AEAD_AES_256_GCM'),
  ciphertext: z.string().min(1),
  nonce: z.string().min(1),
  associated_data: z.string().optional(),
});

export type SealedResource = z.infer<typeof sealedResource>;

/** The API v3 key's characters are the AES key's bytes. */
export const resourceKey = (apiV3Key: string): KeyObject => createSecretKey(apiV3Key, 'utf8');

const TAG_BYTES = 16;

/** Throws when the key is another one or a byte was changed. */
export function openResource(key: KeyObject, resource: SealedResource): string {
  const sealed = Buffer.from(resource.ciphertext, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, resource.nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES)).setAAD(Buffer.from(resource.associated_data ?? ''));
  const plain = decipher.update(sealed.subarray(0, -TAG_BYTES));
  // The tag is checked; in this mode no bytes are left.
  decipher.final();
  return plain.toString();
}

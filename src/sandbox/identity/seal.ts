import { createCipheriv, randomBytes } from 'node:crypto';

/** Encrypts with AEAD_AES_256_GCM under the raw bytes of a 32 character API v3 key; the tag is behind the ciphertext. */
export function seal(plaintext: string, associatedData: string, apiV3Key: string) {
  const nonce = randomBytes(9).toString('base64url');
  const cipher = createCipheriv('aes-256-gcm', apiV3Key, nonce);
  cipher.setAAD(Buffer.from(associatedData));
  const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return {
    algorithm: 'AEAD_AES_256_GCM',
    ciphertext: ciphertext.toString('base64'),
    nonce,
    associated_data: associatedData,
  };
}

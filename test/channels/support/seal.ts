import { createCipheriv } from 'node:crypto';
import { API_V3_KEY } from './fake-wechatpay.js';

/** Seals a text as WeChat Pay does. */
export function seal(plaintext: string, associatedData: string, key = API_V3_KEY) {
  const nonce = 'Kj7QIyUiYx1q';
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(associatedData));
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]).toString('base64');
  return { algorithm: 'AEAD_AES_256_GCM', ciphertext: sealed, nonce, associated_data: associatedData };
}

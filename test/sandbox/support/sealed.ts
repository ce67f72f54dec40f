import { constants, publicEncrypt } from 'node:crypto';

/** As a merchant encrypts what only WeChat Pay may read: with its public key, or a platform certificate's. */
export const sealed = (pem: string, text: string): string =>
  publicEncrypt(
    { key: pem, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
    Buffer.from(text, 'utf8'),
  ).toString('base64');

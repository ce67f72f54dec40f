import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { parseCertificate, type Certificate } from '../key-material.js';
import { GatewayError } from '../port.js';
import { parseJson } from '../../base/parse-json.js';
import { bounded } from '../flow/call.js';
import { exchange, type ExchangeDeps } from './exchange.js';
import { openResource, sealedResource } from './resource.js';
import { isProven } from './signature.js';
import type { RawAnswer } from './transport.js';

export const certificateList = z.object({
  data: z.array(z.object({ serial_no: z.string().min(1), encrypt_certificate: sealedResource })),
});

type CertificatesDeps = Omit<ExchangeDeps, 'isAuthentic'> & {
  readonly apiV3Key: KeyObject;
  /** Configured keys: one of them may sign the answer. */
  readonly publicKeys: ReadonlyMap<string, KeyObject>;
};

/**
 * The platform certificates in force, by serial, the newest last; none for a merchant that only has a public key. The first download proves
 * itself: the API v3 key opens the certificates, and one of them (or a configured key) must have signed the answer.
 */
export async function downloadCertificates(deps: CertificatesDeps): Promise<ReadonlyMap<string, KeyObject>> {
  let keys: ReadonlyMap<string, KeyObject> = new Map();
  const isAuthentic = (answer: RawAnswer): Promise<boolean> => {
    keys = openCertificates(answer.body, deps.apiV3Key, deps.now());
    return isProven(answer, deps.now(), (serial) => keys.get(serial) ?? deps.publicKeys.get(serial));
  };
  const call = { api: 'certificates', method: 'GET', path: '/v3/certificates' } as const;
  const answer = await exchange({ ...deps, isAuthentic }, call, bounded({ patience: 'durable' }));
  return answer.kind === 'success' ? keys : new Map();
}

function openCertificates(body: Buffer, apiV3Key: KeyObject, now: Date): ReadonlyMap<string, KeyObject> {
  const list = certificateList.safeParse(parseJson(body));
  if (!list.success) throw new GatewayError('unknown', { cause: new Error('not a list of certificates') });
  const opened = list.data.data.map(({ serial_no: serial, encrypt_certificate: sealed }) => {
    return { serial, ...openCertificate(sealed, apiV3Key) };
  });
  const valid = opened.filter(({ validTo }) => validTo > now).toSorted((a, b) => Number(a.validTo) - Number(b.validTo));
  return new Map(valid.map(({ serial, publicKey }) => [serial, publicKey]));
}

function openCertificate(sealed: z.infer<typeof sealedResource>, apiV3Key: KeyObject): Certificate {
  let pem: string;
  try {
    pem = openResource(apiV3Key, sealed);
  } catch {
    throw new GatewayError('merchant_config', { cause: new Error('the API v3 key does not open a certificate') });
  }
  const certificate = parseCertificate(pem);
  if (certificate === undefined)
    throw new GatewayError('unknown', { cause: new Error('what opens is no certificate') });
  return certificate;
}

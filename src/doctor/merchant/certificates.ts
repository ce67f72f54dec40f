import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DAY } from '../../base/time.js';
import { parseCertificate, type Certificate } from '../../channels/key-material.js';
import { failed, ok, skipped, warning, type Finding } from '../check.js';
import { pathOf, readKeyFile, type Place } from './entry.js';
import { ownPublicKey } from './keys.js';

const NAME = 'apiclient_cert.pem';
const RENEW = 'Renew the API certificate at the merchant platform and change privateKeyFile and serialNo together.';

/** PaySaga needs the serial number only; the certificate beside the key tells whether the two belong together. */
export async function checkCertificate(place: Place, now: Date): Promise<Finding> {
  const pem = await readBeside(place);
  if (pem === undefined) return skipped(`no ${NAME} beside the private key to compare with`);
  const certificate = parseCertificate(pem);
  if (certificate === undefined)
    return failed(`${NAME} is not a certificate`, `Put the ${NAME} of the key there, or none.`);
  const own = await ownPublicKey(place);
  if (own !== undefined && !certificate.publicKey.equals(own)) {
    return failed(
      `${NAME} belongs to another key than privateKeyFile`,
      'Name the apiclient_key.pem that was made together with this certificate.',
    );
  }
  const { serialNo, validTo } = certificate;
  if (serialNo !== place.entry.serialNo?.toUpperCase()) {
    return failed(`serialNo is not the certificate's`, `Set serialNo to ${serialNo}.`);
  }
  return validityProblem(certificate, now, RENEW) ?? ok(`serial ${serialNo}, until ${day(validTo)}`);
}

async function readBeside(place: Place): Promise<string | undefined> {
  const { privateKeyFile } = place.entry;
  if (privateKeyFile === undefined) return undefined;
  return readFile(join(dirname(pathOf(place, privateKeyFile)), NAME), 'utf8').catch(() => undefined);
}

const REPLACE = 'Download the platform certificate in force and name it beside this one, or move to the public key.';

/** An old certificate beside a new one is no mistake: others are downloaded when an answer names them. */
export async function checkPlatformCertificates(place: Place, now: Date): Promise<Finding> {
  const names = place.entry.platformCertificateFiles;
  if (names.length === 0) return skipped('none given: they are downloaded when they are needed');
  const own = await ownPublicKey(place);
  const read = await Promise.all(names.map((name, index) => readOne(place, { name, index, own })));
  const certificates = read.filter((it) => 'serialNo' in it);
  return read.find((it) => 'status' in it) ?? judge(certificates, now);
}

type Named = { readonly name: string; readonly index: number; readonly own: KeyObject | undefined };

async function readOne(place: Place, { name, index, own }: Named): Promise<Certificate | Finding> {
  const setting = `platformCertificateFiles[${index}]`;
  const text = await readKeyFile(place, name, setting);
  if (typeof text !== 'string') return text;
  const certificate = parseCertificate(text);
  if (certificate === undefined) return failed(`${setting} is not a certificate`, REPLACE);
  if (own !== undefined && certificate.publicKey.equals(own)) {
    return failed(
      `${setting} is the merchant's own certificate`,
      "Name WeChat Pay's platform certificate there, not apiclient_cert.pem.",
    );
  }
  return certificate;
}

function judge(certificates: readonly Certificate[], now: Date): Finding {
  if (new Set(certificates.map(({ serialNo }) => serialNo)).size < certificates.length) {
    return warning('two of them have the same serial number', 'Name each platform certificate once.');
  }
  const problems = certificates.map((certificate) => validityProblem(certificate, now, REPLACE));
  const [first] = problems;
  if (first !== undefined && !problems.includes(undefined)) return first;
  return ok(certificates.map(({ serialNo, validTo }) => `${serialNo} until ${day(validTo)}`).join(', '));
}

const SOON_DAYS = 30;

export function validityProblem({ validFrom, validTo }: Certificate, now: Date, cure: string): Finding | undefined {
  const daysLeft = Math.floor((validTo.getTime() - now.getTime()) / DAY);
  if (now < validFrom) return failed(`not valid before ${day(validFrom)}`, 'Set the clock of this machine right.');
  if (now >= validTo) return failed(`expired on ${day(validTo)}`, cure);
  if (daysLeft < SOON_DAYS) return warning(`expires in ${daysLeft} days, on ${day(validTo)}`, cure);
  return undefined;
}

export const day = (date: Date): string => date.toISOString().slice(0, 10);

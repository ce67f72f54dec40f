import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { parseCertificate } from '../../../channels/key-material.js';
import { failed, ok, skipped, warning, type Finding } from '../finding.js';
import { readKeyFile } from '../key-file.js';
import { pathOf, type Place } from './entry.js';
import { ownPrivateKey } from './private-key.js';
import { day, validityProblem } from './validity.js';

const REPLACE = 'Download the platform certificate in force and name it beside this one, or move to the public key.';

/** Others are downloaded when an answer names them, so an old one beside a new one is no mistake. */
export async function checkPlatformCertificates(place: Place, now: Date): Promise<Finding> {
  const names = place.entry.platformCertificateFiles;
  if (names.length === 0) return skipped('none given: they are downloaded when they are needed');
  const key = await ownPrivateKey(place);
  const own = key === undefined ? undefined : createPublicKey(key);
  const read = await Promise.all(names.map((name, index) => readOne(place, { name, index, own })));
  const problem = read.find((it): it is Finding => !(it instanceof X509Certificate));
  if (problem !== undefined) return problem;
  const certificates = read.filter((it) => it instanceof X509Certificate);
  return judge(certificates, now);
}

type Named = { readonly name: string; readonly index: number; readonly own: KeyObject | undefined };

async function readOne(place: Place, { name, index, own }: Named): Promise<X509Certificate | Finding> {
  const setting = `platformCertificateFiles[${index}]`;
  const file = await readKeyFile(pathOf(place, name), setting);
  if (file.kind === 'unreadable') return file.finding;
  const parsed = parseCertificate(file.text);
  if (parsed === undefined) return failed(`${setting} is not a certificate`, REPLACE);
  if (own !== undefined && parsed.publicKey.equals(own)) {
    return failed(
      `${setting} is the merchant's own certificate`,
      "Name WeChat Pay's platform certificate there, not apiclient_cert.pem.",
    );
  }
  return new X509Certificate(file.text);
}

function judge(certificates: readonly X509Certificate[], now: Date): Finding {
  const serials = certificates.map((certificate) => certificate.serialNumber.toUpperCase());
  if (new Set(serials).size < serials.length) {
    return warning('two of them have the same serial number', 'Name each platform certificate once.');
  }
  const problems = certificates.map((certificate) => validityProblem(certificate, now, REPLACE));
  const shown = certificates.map(
    (certificate, index) => `${serials[index]} until ${day(Date.parse(certificate.validTo))}`,
  );
  // One in force is enough.
  const [first] = problems;
  return problems.includes(undefined) ? ok(shown.join(', ')) : (first ?? ok(shown.join(', ')));
}

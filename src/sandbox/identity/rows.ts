import { z } from 'zod';

export const authoritySchema = z.object({ certificatePem: z.string(), privateKeyPem: z.string() });

export const platformCertificateSchema = z.object({
  serialNo: z.string(),
  certificatePem: z.string(),
  privateKeyPem: z.string(),
  /** ms since the epoch, real time */
  effectiveAt: z.number(),
  expiresAt: z.number(),
});

/** `named`: the key the prepay request named; a number: the share signed with the public key. */
export const notifySigningSchema = z.union([
  z.literal('named'),
  z.literal('publicKey'),
  z.literal('certificate'),
  z.number().min(0).max(1),
]);

export const merchantRowSchema = z.object({
  mchid: z.string(),
  appid: z.string(),
  moreAppids: z.array(z.string()).default([]),
  serialNo: z.string(),
  privateKeyPem: z.string(),
  certificatePem: z.string(),
  apiV3Key: z.string(),
  apiV2Key: z.string(),
  publicKeyId: z.string(),
  publicKeyPem: z.string(),
  publicKeyPrivatePem: z.string(),
  /** oldest first */
  platformCertificates: z.array(platformCertificateSchema).min(1),
  notifySigning: notifySigningSchema,
  limits: z.record(z.string(), z.number()),
});

export type Authority = z.infer<typeof authoritySchema>;
export type PlatformCertificate = z.infer<typeof platformCertificateSchema>;
export type NotifySigning = z.infer<typeof notifySigningSchema>;
export type MerchantRow = z.infer<typeof merchantRowSchema>;

/** At least one; the first is meant where none is named. */
export const appidsOf = ({ appid, moreAppids }: MerchantRow): string[] => [appid, ...moreAppids];

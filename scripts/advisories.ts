import { spawnSync } from 'node:child_process';
import { z } from 'zod';

const severity = z.enum(['info', 'low', 'moderate', 'high', 'critical']);
const advisory = z.object({ title: z.string(), url: z.string(), severity });
const report = z.object({
  // A text names another package, through which this one is concerned.
  vulnerabilities: z.record(z.string(), z.object({ via: z.array(z.union([z.string(), advisory])) })),
  metadata: z.object({ vulnerabilities: z.object({ high: z.number(), critical: z.number() }) }),
});

/** How npm tells that the registry answered otherwise, or not at all; faults of this machine come under `error` alone. */
const unanswered = z.object({ message: z.string(), statusCode: z.number().optional() });

/** Fails where something that goes into production has a high or critical advisory. Not every registry serves advisories. */
const npm = ['audit', '--omit=dev', '--json', '--fetch-retries=0', '--fetch-timeout=30000'];
const { stdout, error } = spawnSync('npm', npm, { cwd: process.argv[2] ?? '.', encoding: 'utf8' });
if (error !== undefined) throw error;
const answer: unknown = JSON.parse(stdout);
const silence = unanswered.safeParse(answer).data;
if (silence === undefined) judge(report.parse(answer));
else console.error(`advisories: NOT CHECKED: the registry says ${silence.statusCode ?? 'no answer'}`);

function judge({ vulnerabilities, metadata }: z.infer<typeof report>): void {
  const { high, critical } = metadata.vulnerabilities;
  const isBad = high + critical > 0;
  const found = Object.entries(vulnerabilities).flatMap(([name, { via }]) =>
    via.flatMap((it) => (typeof it === 'string' ? [] : [`${name}: ${it.severity}: ${it.title} (${it.url})`])),
  );
  for (const line of found) (isBad ? console.error : console.log)(line);
  if (found.length === 0) console.log('no advisory about what goes into production');
  process.exitCode = isBad ? 1 : 0;
}

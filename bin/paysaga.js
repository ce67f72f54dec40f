#!/usr/bin/env node
import { existsSync } from 'node:fs';

// The built command line where there is one; in a checkout, the sources.
const built = new URL('../dist/src/entries/cli.js', import.meta.url);
if (existsSync(built)) {
  await import(built.href);
} else {
  const { register } = await import('tsx/esm/api');
  register();
  await import(new URL('../src/entries/cli.ts', import.meta.url).href);
}

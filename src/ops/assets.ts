import type { Hono } from 'hono';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { hashedAsset, serveAssets, serveFile } from '../http/kit/assets.js';
import type { IngressEnv } from '../http/kit/route.js';
import { CLIENT_SCRIPT } from './client-script.js';
import { STYLE } from './style.js';

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="5" fill="#1f3a5f"/><g fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"><path d="M7 6h6.5a3.75 3.75 0 0 1 0 7.5H10.5"/><path d="M7 10.5v8"/></g><circle cx="17.5" cy="17.5" r="1.8" fill="#6fb4ff"/></svg>`;

const FOLDER = '/ops/assets';
const SCRIPT = hashedAsset('ops', CLIENT_SCRIPT, 'js');
const SHEET = hashedAsset('ops', STYLE, 'css');
const FAVICON = hashedAsset('ops', ICON, 'svg');

export const ASSETS = {
  script: `${FOLDER}/${SCRIPT.name}`,
  style: `${FOLDER}/${SHEET.name}`,
  icon: `${FOLDER}/${FAVICON.name}`,
  chart: `${FOLDER}/chart.js`,
};

/** Without a session: the login page needs them. */
export function registerAssets(app: Hono<IngressEnv>): void {
  serveAssets(app, FOLDER, [SCRIPT, SHEET, FAVICON]);
  serveFile(app, ASSETS.chart, chartFile(), 'js');
}

/** The package's build for a `<script>`; found from here, so from `dist/` too. */
const chartFile = (): string => join(dirname(createRequire(import.meta.url).resolve('chart.js')), 'chart.umd.min.js');

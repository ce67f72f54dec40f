import { hashedAsset } from '../http/kit/assets.js';
import { CLIENT_SCRIPT } from './client-script.js';
import { STYLE } from './style.js';

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="15" fill="#08783f"/><path d="M9 16.5l5 5 9-10" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>
`;

const SCRIPT = hashedAsset('checkout', CLIENT_SCRIPT, 'js');
const SHEET = hashedAsset('checkout', STYLE, 'css');
const FAVICON = hashedAsset('checkout', ICON, 'svg');

/** Served below `/pay/assets`. */
export const ASSETS = [SCRIPT, SHEET, FAVICON];

export const ASSET_NAMES = { script: SCRIPT.name, style: SHEET.name, icon: FAVICON.name };

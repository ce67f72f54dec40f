import { fileURLToPath } from 'node:url';

/** Of the package, or of its built tree. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export const isCompiled = import.meta.url.endsWith('.js');

/** Source or compiled. */
export const moduleOf = (path: string): string => `${ROOT}${path}.${isCompiled ? 'js' : 'ts'}`;

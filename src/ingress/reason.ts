import { printableText } from './text-schema.js';

/** Why a person did it; kept with the key's name. */
export const reasonSchema = printableText(500).openapi({ description: 'Why; kept with the name of the key.' });

import { defineSignal } from '@temporalio/workflow';
import type { Language } from '../../src/base/language.js';

/** An event's own workflow; the row holds what to tell and when. */
export type EventInput = { readonly eventId: string; readonly language: Language };

export const resendSignal = defineSignal('resend');

import { defineSignal } from '@temporalio/workflow';
import type { Language } from '../../src/base/language.js';

export type EventInput = { readonly eventId: string; readonly language: Language };

export const resendSignal = defineSignal('resend');

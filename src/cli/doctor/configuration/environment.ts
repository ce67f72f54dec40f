import type { DoctorConfiguration, DoctorDeps } from '../deps.js';
import { failed, type Finding } from '../finding.js';

export type Environment =
  | { readonly kind: 'read'; readonly configuration: DoctorConfiguration }
  | { readonly kind: 'wrong'; readonly finding: Finding };

export function readEnvironment(deps: Pick<DoctorDeps, 'configuration' | 'isForPeople'>): Environment {
  try {
    return { kind: 'read', configuration: deps.configuration() };
  } catch (error) {
    if (!deps.isForPeople(error)) throw error;
    const cure = "Set the variable that is named as README's table of configuration says.";
    return { kind: 'wrong', finding: failed(error.message, cure) };
  }
}

import { ApiError } from './api-error.js';

const MAX_ISSUES = 5;
const MAX_DETAIL = 500;

type Issue = { readonly path: readonly PropertyKey[]; readonly message: string };

/** What is wrong with the input, field by field; says what a field must be, never what it was. */
export function invalidInput(target: string, issues: readonly Issue[]): ApiError {
  const where = target === 'json' ? '' : `${target} `;
  const found = issues.slice(0, MAX_ISSUES).map(({ path, message }) => {
    const field = path.map(String).join('.');
    return field === '' ? message : `${where}${field}: ${message}`;
  });
  return new ApiError('invalid_request', found.join('; ').slice(0, MAX_DETAIL));
}

/** Something on this machine that a person must change before PaySaga can start; told in one line. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code = 'start_error';
}

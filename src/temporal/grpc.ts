import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/** gRPC status codes (grpc.io, "Status codes and their use in gRPC"). */
export const GRPC = {
  cancelled: 1,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** gRPC's own error, which the SDK wraps at times. */
export function grpcError(error: unknown) {
  const said = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(said) ? said : undefined;
}

/** -1 for an error of another kind. */
export const grpcCode = (error: unknown): number => grpcError(error)?.code ?? -1;

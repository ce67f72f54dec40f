import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/** gRPC status codes (grpc.io, "Status codes and their use in gRPC"). */
export const GRPC = {
  cancelled: 1,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** -1 for an error of another kind. The SDK wraps some of what gRPC says. */
export function grpcCode(error: unknown): number {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : -1;
}

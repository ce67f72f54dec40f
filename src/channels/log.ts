/** What the gateway says to an operator; pino's shape. Fields never hold a payload, a key or an openid. */
export type GatewayLog = { warn(fields: Readonly<Record<string, unknown>>, message: string): void };

export const silentLog: GatewayLog = { warn: () => undefined };

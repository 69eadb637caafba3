# The base image by digest, of the tag node:24.21.0-slim for all platforms. docs/deploy.md says how to replace it.
ARG NODE_IMAGE=node:24.21.0-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
COPY packages/bundled/package.json ./packages/bundled/
COPY packages/client/package.json ./packages/client/
# Optional are the tools of Prisma and TypeScript that nothing needs at run time, 250 MB, and the OAuth server of the sandbox. The
# embedded database stays, because its adapter needs it.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
COPY scripts/locked-packages.ts scripts/sbom.ts ./scripts/
RUN node scripts/sbom.ts > sbom.cdx.json

FROM ${NODE_IMAGE} AS console
WORKDIR /app
COPY package.json package-lock.json ./
COPY scripts/build-console.ts ./scripts/
COPY packages ./packages
RUN npm ci --ignore-scripts --no-audit --no-fund && node scripts/build-console.ts

FROM ${NODE_IMAGE}
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=4000 \
    LATCHKEY_DATA_DIR=/data
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=dependencies /app/sbom.cdx.json ./sbom.cdx.json
COPY package.json LICENSE ./
COPY prisma ./prisma
COPY schema/schema.graphql schema/subgraph.graphql ./schema/
COPY bin ./bin
COPY src ./src
COPY --from=console /app/packages/console/dist ./packages/console/dist
# The embedded database. With DATABASE_URL only renewed credentials that could not be stored before a process ended.
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is the first process, so that SIGTERM reaches it.
CMD ["node", "src/main.ts"]

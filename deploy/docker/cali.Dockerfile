# syntax=docker/dockerfile:1
# CALI for every role that needs no Java: serve, work, setup, jobs. Node.js on distroless, without a shell.
#   docker buildx bake -f deploy/docker/docker-bake.hcl cali
# Tags or digests can be replaced: --build-arg RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian13@sha256:...
ARG NODE_IMAGE=node:24.21.0-bookworm-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot

# Packages and dashboard are plain JavaScript, the same on every processor: made once, on the builder's own.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY tools/node-runtime tools/node-runtime

FROM packages AS dependencies
# Optional is only a Node.js for machines that have an older one.
RUN --mount=type=cache,target=/npm-cache npm ci --cache /npm-cache --omit=dev --omit=optional --ignore-scripts --no-audit
RUN mkdir /data

FROM packages AS dashboard
# With the optional ones: the bundler's own binary is among them.
RUN --mount=type=cache,target=/npm-cache npm ci --cache /npm-cache --ignore-scripts --no-audit
COPY tsconfig.json ./
COPY web web
RUN npm run build:web

FROM ${RUNTIME_IMAGE}
ARG VERSION=dev
ARG REVISION=unknown
ARG CREATED=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="CALI" \
      org.opencontainers.image.description="From an error in a pod's log to one explained, de-duplicated Slack message" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}"
WORKDIR /app
# The files belong to root: the program cannot change itself.
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY bin bin
COPY src src
COPY runbooks runbooks
COPY deploy/kcl deploy/kcl
COPY --from=dashboard /app/web/dist web/dist
# The one folder that it writes to. A new volume takes its owner from here.
COPY --from=dependencies --chown=65532:65532 /data /data
ENV NODE_ENV=production CALI_DATA_DIR=/data
USER 65532:65532
EXPOSE 7070
# Asks the event loop only. Jobs have no server: switch it off for them.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["/nodejs/bin/node", "-e", "fetch('http://127.0.0.1:' + (process.env.CALI_SERVER_PORT || 7070) + '/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/nodejs/bin/node", "bin/cali.js"]
CMD ["serve"]

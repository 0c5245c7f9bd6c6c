# syntax=docker/dockerfile:1
# CALI for `consume --runner kcl`: Node.js, a Java 17 runtime and the jars of the Kinesis Client Library.
#   docker buildx bake -f deploy/docker/docker-bake.hcl consumer
ARG NODE_IMAGE=node:24.21.0-bookworm-slim
ARG MAVEN_IMAGE=maven:3.9.12-eclipse-temurin-17

# Packages, dashboard and jars are the same on every processor: made once, on the builder's own.
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

FROM --platform=$BUILDPLATFORM ${MAVEN_IMAGE} AS jars
WORKDIR /kcl
COPY deploy/kcl ./
# The plugin is the one that "cali kcl install" runs.
RUN --mount=type=cache,target=/maven-cache mvn -B -ntp -Dmaven.repo.local=/maven-cache -f pom.xml \
      org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
      -DoutputDirectory=/jars -DincludeScope=runtime \
    && cd /jars && sha256sum --check --strict --quiet /kcl/jars.sha256

FROM ${NODE_IMAGE}
ARG VERSION=dev
ARG REVISION=unknown
ARG CREATED=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="CALI consumer" \
      org.opencontainers.image.description="CALI with Java and the Kinesis Client Library, to share a stream among workers" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}"
# No versions on purpose: a new build has Debian's newest fixes of Java. npm and yarn go: nothing is installed at run time.
RUN apt-get update \
    && apt-get install -y --no-install-recommends openjdk-17-jre-headless tini \
    && rm -rf /var/lib/apt/lists/* /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx \
       /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-*
WORKDIR /app
# The files belong to root: the program cannot change itself.
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY bin bin
COPY src src
COPY runbooks runbooks
COPY deploy/kcl deploy/kcl
COPY --from=dashboard /app/web/dist web/dist
COPY --from=jars /jars /opt/kcl
# The one folder that it writes to, beside /tmp. A new volume takes its owner from here.
COPY --from=dependencies --chown=65532:65532 /data /data
ENV NODE_ENV=production CALI_DATA_DIR=/data CALI_KCL_JARS=/opt/kcl HOME=/data
USER 65532:65532
# Java answers, and there is no jar too few, too many or changed.
RUN ["node", "bin/cali.js", "kcl", "check"]
EXPOSE 7070
# Asks the event loop only.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["/usr/local/bin/node", "-e", "fetch('http://127.0.0.1:' + (process.env.CALI_SERVER_PORT || 7070) + '/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Process 1 hands signals on and buries what Java leaves behind.
ENTRYPOINT ["/usr/bin/tini", "--", "/usr/local/bin/node", "bin/cali.js"]
CMD ["consume", "--runner", "kcl"]

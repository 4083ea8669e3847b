# Both bases can be pinned: --build-arg NODE_IMAGE=node:26-trixie-slim@sha256:…, and RUNTIME_IMAGE the same way.
# At run time nothing but Node 26 is needed, neither shell nor npm: slim as it comes, or distroless.
ARG NODE_IMAGE=node:26-trixie-slim
ARG RUNTIME_IMAGE=node:26-trixie-slim

FROM ${NODE_IMAGE} AS modules
WORKDIR /sluice
COPY package.json package-lock.json .npmrc ./
# Without optional packages too: TypeScript is one, by way of the documentation's plugin. The bill of materials is of
# what is installed; told to leave out development, npm would leave out what both need.
RUN npm ci --omit=dev --omit=optional --ignore-scripts \
 && npm pkg delete devDependencies scripts allowScripts overrides \
 && npm sbom --sbom-format=cyclonedx > sbom.cdx.json \
 && find node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' \) -delete \
 && rm -rf node_modules/.package-lock.json node_modules/.bin

FROM ${NODE_IMAGE} AS program
WORKDIR /sluice
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY nest-cli.json tsconfig.json rolldown.config.mjs start.cjs ./
COPY src src
COPY cli cli
COPY clients/typescript/src clients/typescript/src
COPY console console
RUN npm run build && find dist -type f -name '*.map' -delete

FROM ${RUNTIME_IMAGE} AS application
# The heap is sized from the memory of the container. Distroless has Node in a folder of its own.
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-old-space-size-percentage=55 \
    PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin
WORKDIR /app
# Root owns the files, another user runs them: the program cannot change itself.
COPY --from=modules --chown=0:0 /sluice/node_modules node_modules
COPY --from=program --chown=0:0 /sluice/dist dist
COPY --from=modules --chown=0:0 /sluice/package.json /sluice/sbom.cdx.json ./

# What V8 compiles of it at start, ready-made: a start takes less work. It is only found by the same user.
FROM application AS compiled
USER 65532:65532
ENV NODE_COMPILE_CACHE=/tmp/compiled
RUN ["node", "--max-semi-space-size=32", "--input-type=module", "--eval", "import '/app/dist/sluice.js';"]

FROM application
ARG RUNTIME_IMAGE
ARG VERSION=0.2.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
ARG SOURCE=https://github.com/sluice-gateway/sluice
LABEL org.opencontainers.image.title="Sluice" \
      org.opencontainers.image.description="One safe JSON API to look at, flush, tune and kill sessions" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.url="${SOURCE}" \
      org.opencontainers.image.documentation="${SOURCE}#readme" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.base.name="${RUNTIME_IMAGE}"
ENV NODE_COMPILE_CACHE=/app/compiled
COPY --from=compiled --chown=0:0 /tmp/compiled compiled
USER 65532:65532
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
# No init process: Sluice starts no children, and handles SIGTERM as process 1.
ENTRYPOINT ["node"]
# By itself V8 lets the heap double before it looks through it. Room for what is young: with less, as V8 has it by itself in a container, much of it is copied before it is let go.
# As many threads collect garbage as there are processors: more would keep the program itself waiting.
CMD ["--disable-sigusr1", "--max-semi-space-size=32", "--v8-pool-size=0", "dist/main.js"]

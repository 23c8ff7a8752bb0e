# The `egresso` command in an image; by default it runs the service on port 8080.
#
#   docker build -t egresso .
#   docker run --rm -p 8080:8080 -v egresso:/data -e EGRESSO_KEYS='[{"id": "me", "role": "admin", "key": "…"}]' egresso
#   docker run --rm -i egresso solve - < examples/patent-example-1.json
#
# The service starts with keys only (docs/http.md), and has no TLS: publish the port behind a proxy.
# Jobs are kept in /data. Budget 2 GiB of memory for each worker thread: one less than there are cores, at least one.

# The tag is the version of the `node` package in package.json; a test holds the two together.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Without scripts: the build needs the source, which changes more often than the dependencies.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY asconfig.json tsconfig.json tsconfig.build.json ./
COPY assembly assembly
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts && mkdir /data

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production EGRESSO_DATA=/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/build build
COPY examples examples
COPY LICENSE README.md CHANGELOG.md ./
# Nothing below /app is written at run time: it stays with root. Jobs are.
COPY --from=build --chown=node:node /data /data
VOLUME /data
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "build/dist/cli/main.js"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]

# dockgraph in a container, without root and without what is only needed to build it.
#
#   docker build -t dockgraph .
#
# Over this machine's own engine, on 127.0.0.1:4000:
#
#   docker run --rm --network host -v /var/run/docker.sock:/var/run/docker.sock \
#     --group-add "$(stat -c %g /var/run/docker.sock)" dockgraph
#
# On a network of its own it has to listen on 0.0.0.0, which it does with tokens only: see
# docker-compose.yml.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY . .
# Installs the packages as well.
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production DOCKGRAPH_DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/schema schema/
COPY --from=build /app/node_modules node_modules/
COPY --from=build /app/dist dist/
RUN mkdir /data && chown node:node /data
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["node", "-e", "fetch('http://127.0.0.1:4000/livez').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["serve"]

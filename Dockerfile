# Two installs, so that the image contains neither what only the build needs nor the embedded MongoDB.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --workspaces=false --ignore-scripts --no-audit --no-fund

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY . .
RUN node src/setup.mjs

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# What /llms.txt and its links are served from.
COPY package.json llms.txt schema.graphql CONTRIBUTING.md ./
COPY docs ./docs
COPY packages/seat-feed-check/README.md ./packages/seat-feed-check/
# Writes nothing: run it with a read-only root file system, and with MONGODB_URI, TOKEN_SECRET and PAYMENT_PROVIDER set.
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node itself, not npm: it is the process that hears SIGTERM.
CMD ["node", "dist/main.js"]

# One image for every process; docker-compose.yml says which one a container runs.
FROM node:24.21.0-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Node runs the TypeScript as it stands, so there is no build; what only development and npm start need stays out.
RUN npm ci --omit=dev --omit=optional && npm cache clean --force
COPY migrations ./migrations
COPY src ./src
# What the stand-in gateway keeps; a volume that is mounted here takes its owner from it.
RUN install -d -o node -g node /data/gateway-mock
USER node
CMD ["node", "--max-old-space-size=192", "--max-semi-space-size=32", "src/api/main.ts"]

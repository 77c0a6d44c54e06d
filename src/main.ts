import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { type App, startApp } from './app.js';
import { type Config, ConfigError, parseConfig } from './config.js';
import type { Log } from './core/log.js';
import type { EmbeddedMongod } from './embedded/embedded-mongod.js';

/** After this time the process exits even if the shutdown has not finished. */
const SHUTDOWN_MS_MAX = 30_000;
/** HMAC-SHA-256 is weaker with a shorter secret, and no stronger with a longer one. */
const TOKEN_SECRET_BYTES = 32;

await main();

async function main(): Promise<void> {
  const config = readConfig();
  const log: Log = pino({ level: config.logLevel, redact: ['*.token', '*.password', '*.authorization'] });
  let embedded: EmbeddedMongod | undefined;
  let app: App | undefined;

  const shutDown = async (exitCode: number) => {
    const ms = config.stopDelayMs + SHUTDOWN_MS_MAX;
    const deadline = setTimeout(() => {
      log.error({ ms }, 'Shutdown timed out; exiting');
      process.exit(1);
    }, ms);
    await app?.close();
    await embedded?.stop();
    clearTimeout(deadline);
    log.info({}, 'Stopped');
    process.exit(exitCode);
  };
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // A second signal ends the process at once.
      if (stopping) process.exit(1);
      stopping = true;
      log.info({ signal }, 'Stopping');
      void shutDown(0);
    });
  }
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'Uncaught error; stopping');
    if (!stopping) {
      stopping = true;
      void shutDown(1);
    }
  });

  try {
    embedded = config.mongodbUri === undefined ? await startEmbedded(config, log) : undefined;
    app = await startApp({
      config,
      log,
      mongodbUri: config.mongodbUri ?? (embedded as EmbeddedMongod).uri,
      tokenSecret: config.tokenSecret ?? (await storedTokenSecret(config.dataDir)),
      withDemoEvents: embedded !== undefined,
      webRoot: builtPages(),
    });
    if (config.tokenSecret !== undefined && Buffer.byteLength(config.tokenSecret) < TOKEN_SECRET_BYTES) {
      log.warn(
        {},
        `TOKEN_SECRET is shorter than ${TOKEN_SECRET_BYTES} bytes and easier to guess than it should be`,
      );
    }
    if (config.paymentProvider === 'simulated') {
      log.warn({}, 'Payments are simulated: no money is taken, and everybody can say that a card has paid');
    }
    const playground = config.playground ? { playground: `${app.url}/playground` } : {};
    log.info({ url: app.url, ...playground }, `Ready at ${app.url}`);
  } catch (error) {
    // The cause is nearly always the environment. The message says what to do; the stack would not help.
    log.debug({ err: error }, 'The server could not start');
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    await embedded?.stop();
    process.exit(1);
  }
}

function readConfig(): Config {
  try {
    return parseConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

async function startEmbedded(config: Config, log: Log): Promise<EmbeddedMongod> {
  const { findMongodBinary, mongodCacheDir, startEmbeddedMongod } = await loadEmbedded();
  const cacheDir = await mongodCacheDir(config.dataDir);
  const binary = await findMongodBinary({
    ...(config.mongodBinary !== undefined && { configured: config.mongodBinary }),
    cacheDir,
    log,
  });
  return startEmbeddedMongod({
    dataDir: config.dataDir,
    binary,
    log,
    onLost: (error) => {
      log.fatal({ err: error }, 'The embedded database is lost; stopping');
      process.kill(process.pid, 'SIGTERM');
    },
  });
}

/** Loaded only here: its packages are not installed where MONGODB_URI is set, as in the image. */
async function loadEmbedded() {
  try {
    return {
      ...(await import('./embedded/mongod-binary.js')),
      ...(await import('./embedded/embedded-mongod.js')),
    };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new Error(
      'MONGODB_URI is not set, and this installation lacks the packages of the embedded MongoDB. Set MONGODB_URI to a ' +
        'replica set, or install the development packages: npm ci --include=dev',
      { cause },
    );
  }
}

/**
 * The secret for the embedded database, stored so that tokens stay valid after a restart. Concurrent first starts use
 * the same one.
 */
async function storedTokenSecret(dataDir: string): Promise<string> {
  const file = path.join(dataDir, 'token-secret');
  await mkdir(dataDir, { recursive: true });
  if (!existsSync(file)) {
    const temporary = `${file}.${process.pid}`;
    await writeFile(temporary, randomBytes(TOKEN_SECRET_BYTES).toString('base64url'), { mode: 0o600 });
    await link(temporary, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await rm(temporary);
  }
  return (await readFile(file, 'utf8')).trim();
}

function builtPages(): string | undefined {
  const webRoot = fileURLToPath(new URL('./web/', import.meta.url));
  return existsSync(webRoot) ? webRoot : undefined;
}

import type { Log } from '../core/log.js';

/** Something that has to work before this process can serve clients. */
export interface ReadinessCheck {
  readonly name: string;
  /** @returns what is wrong, or null */
  readonly problem: () => Promise<string | null> | string | null;
}

const CHECK_MS_MAX = 1_000;

export interface Readiness {
  readonly ready: boolean;
  /** `ok` or what is wrong, by the name of the check. */
  readonly checks: Readonly<Record<string, string>>;
}

/** Checks in progress. A check that hangs is not started again. */
const inProgress = new WeakMap<ReadinessCheck, Promise<string | null>>();

/** Runs all checks at once. A check that is late or throws is not ok; the error it threw is only logged. */
export async function readiness(checks: readonly ReadinessCheck[], log: Log): Promise<Readiness> {
  const results = await Promise.all(
    checks.map(async (check) => [check.name, await resultOf(check, log)] as const),
  );
  return {
    ready: results.every(([, problem]) => problem === null),
    checks: Object.fromEntries(results.map(([name, problem]) => [name, problem ?? 'ok'])),
  };
}

function problemOf(check: ReadinessCheck): Promise<string | null> {
  const current = inProgress.get(check);
  if (current !== undefined) return current;
  const started = (async () => check.problem())();
  inProgress.set(check, started);
  const done = () => inProgress.delete(check);
  started.then(done, done);
  return started;
}

async function resultOf(check: ReadinessCheck, log: Log): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${CHECK_MS_MAX} ms`), CHECK_MS_MAX);
  });
  try {
    return await Promise.race([problemOf(check), late]);
  } catch (error) {
    log.warn({ err: error, check: check.name }, 'This process is not ready');
    return 'does not work';
  } finally {
    clearTimeout(timer);
  }
}

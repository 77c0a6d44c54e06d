import type { Log } from '../core/log.js';

/** One thing that has to work for this process to be of use to anybody. */
export interface ReadinessCheck {
  readonly name: string;
  /** @returns what is wrong, or null */
  readonly fault: () => Promise<string | null> | string | null;
}

const CHECK_MS_MAX = 1_000;

export interface Readiness {
  readonly ready: boolean;
  /** `ok` or what is wrong, by check. */
  readonly checks: Readonly<Record<string, string>>;
}

/** What is being found out, by its check: one that hangs is asked once, however many want to know. */
const inProgress = new WeakMap<ReadinessCheck, Promise<string | null>>();

/** Asks every check at once; one that does not answer in time is a fault. What a check threw is the log's alone. */
export async function readiness(checks: readonly ReadinessCheck[], log: Log): Promise<Readiness> {
  const answers = await Promise.all(
    checks.map(async (check) => [check.name, await answerOf(check, log)] as const),
  );
  return {
    ready: answers.every(([, fault]) => fault === null),
    checks: Object.fromEntries(answers.map(([name, fault]) => [name, fault ?? 'ok'])),
  };
}

function faultOf(check: ReadinessCheck): Promise<string | null> {
  const known = inProgress.get(check);
  if (known !== undefined) return known;
  const found = (async () => check.fault())();
  inProgress.set(check, found);
  const done = () => inProgress.delete(check);
  found.then(done, done);
  return found;
}

async function answerOf(check: ReadinessCheck, log: Log): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${CHECK_MS_MAX} ms`), CHECK_MS_MAX);
  });
  try {
    return await Promise.race([faultOf(check), late]);
  } catch (error) {
    log.warn({ err: error, check: check.name }, 'This process is not ready');
    return 'does not work';
  } finally {
    clearTimeout(timer);
  }
}

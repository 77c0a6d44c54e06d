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

/** Asks every check at once; one that does not answer in time is a fault. */
export async function readiness(checks: readonly ReadinessCheck[]): Promise<Readiness> {
  const answers = await Promise.all(
    checks.map(async (check) => [check.name, await answerOf(check)] as const),
  );
  return {
    ready: answers.every(([, fault]) => fault === null),
    checks: Object.fromEntries(answers.map(([name, fault]) => [name, fault ?? 'ok'])),
  };
}

async function answerOf({ fault }: ReadinessCheck): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${CHECK_MS_MAX} ms`), CHECK_MS_MAX);
  });
  try {
    return await Promise.race([Promise.resolve(fault()), late]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}

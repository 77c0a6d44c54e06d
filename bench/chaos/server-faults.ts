import { setTimeout as wait } from 'node:timers/promises';
import { isUnknown, nowMs } from './call-history.js';
import { type Fault, type Scene, SOON_MS, type Struck, strikeTime, struck } from './fault.js';
import { jobRunsOf, ownerAt, ranTwice, takenOverAfterMs } from './job-runs.js';
import { ReadinessProbe } from './readiness-probe.js';
import { WatchedSockets } from './watched-sockets.js';

const SOCKETS = 6;
/** Longest shutdown. */
const STOP_MS_MAX = 30_000;
const JOB_PERIOD_MS = 2_000;
/** Two periods of the job, and a busy machine. */
const TAKEN_OVER_MS_MAX = 2 * JOB_PERIOD_MS + 2_000;

export async function stopServer({ environment, history, eventId, random }: Scene): Promise<Struck> {
  const { server } = environment;
  const sockets = await WatchedSockets.open(server.url, eventId, SOCKETS);
  const probe = new ReadinessProbe(server.url);
  await strikeTime(random);
  const fromMs = nowMs();
  const { exitCode, tookMs } = await server.stop();
  const endedMs = nowMs();
  await probe.stop();
  sockets.end();
  await server.start();
  const wrong: string[] = [];
  if (exitCode !== 0) wrong.push(`the server exited with ${exitCode}`);
  if (tookMs > STOP_MS_MAX) wrong.push(`the stop took ${tookMs.toFixed(0)} ms`);
  const codes = sockets.codes.filter((code) => code !== 1001);
  if (codes.length > 0) wrong.push(`sockets were closed with ${codes}`);
  if (probe.answeredAfterMs(false, fromMs) === null) wrong.push('/readyz never failed during the stop');
  const inProgress = history.calls.filter(
    ({ callMs, returnMs, isCut }) => !isCut && callMs < fromMs && (returnMs ?? endedMs) > fromMs,
  );
  const cut = inProgress.filter((call) => call.outcome?.kind === 'lost' || call.outcome === null);
  if (cut.length > 0) wrong.push(`${cut.length} of ${inProgress.length} calls in progress had no answer`);
  const later = history.calls.filter((call) => call.callMs >= fromMs && call.callMs < endedMs && !call.isCut);
  return struck(fromMs, wrong, {
    'stopped after': tookMs,
    'calls in progress': inProgress.length,
    'later calls without an answer': later.filter(isUnknown).length,
  });
}

export async function replaceServers({ environment, random }: Scene): Promise<Struck> {
  await strikeTime(random);
  const fromMs = nowMs();
  const wrong: string[] = [];
  for (const server of environment.servers) {
    const { exitCode } = await server.stop();
    if (exitCode !== 0) wrong.push(`${server.name} exited with ${exitCode}`);
    server.switchVersion();
    await server.start();
  }
  return struck(fromMs, wrong, { 'replaced within': nowMs() - fromMs });
}

export function severalServers(servers: number): Fault {
  return {
    what: `${servers} servers on one database, the one that runs the jobs killed in the middle`,
    writesMsMax: SOON_MS,
    environment: {
      database: 'one member',
      servers,
      settings: { LOCK_SWEEP_CRON: `*/${JOB_PERIOD_MS / 1000} * * * * *` },
    },
    strike: async ({ environment, random }) => {
      const startedMs = nowMs();
      await strikeTime(random);
      const runs = () =>
        environment.servers
          .flatMap(({ name, lines }) => jobRunsOf(name, lines))
          .filter(({ job }) => job === 'lock-expiry');
      const fromMs = nowMs();
      const owner = ownerAt(runs(), fromMs);
      const victim =
        environment.servers.find(({ name }) => name === owner) ?? random.pick(environment.servers);
      await victim.kill();
      while (
        takenOverAfterMs(runs(), victim.name, fromMs) === null &&
        nowMs() - fromMs < 2 * TAKEN_OVER_MS_MAX
      ) {
        await wait(100);
      }
      const takenOverMs = takenOverAfterMs(runs(), victim.name, fromMs);
      await victim.start();
      const wrong = ranTwice(
        runs().filter(({ atMs }) => atMs >= startedMs),
        JOB_PERIOD_MS,
      );
      if (takenOverMs === null || takenOverMs > TAKEN_OVER_MS_MAX) {
        wrong.push(`the job of ${victim.name} was taken over after ${takenOverMs ?? 'no'} ms`);
      }
      return struck(fromMs, wrong, { 'job taken over after': takenOverMs ?? Number.NaN });
    },
  };
}

import { setTimeout as wait } from 'node:timers/promises';
import type { FakeCall, FakeEvent, FakeStripe } from '../../../src/test/support/fake-stripe.js';
import { sendEvent } from '../../../src/test/support/fake-stripe.js';
import type { SeededRandom } from '../../../src/test/support/seeded-random.js';
import type { ChaosEnvironment } from '../chaos-environment.js';

/** How long a PENDING booking waits in these runs. */
export const PENDING_SECONDS = 6;

const NOTIFICATION_TRIES_MAX = 100;
const NOTIFICATION_RETRY_MS = 300;
const LATE_MS_MAX = 1_500;
const DELAY_MS_MAX = 1_500;
const PERCENT = 100;
/** How many calls of one route come before the one at which the server is killed. */
const CALLS_BEFORE_KILL_MAX = 6;

export interface ProviderFault {
  readonly what: string;
  /** Installs the fault. @returns what ends it */
  start(environment: ChaosEnvironment, random: SeededRandom): () => Promise<void>;
  /** Whether customers pay only when their bookings have timed out. */
  readonly paysLate?: true;
}

/** Delivers a notification until it is answered 200, as Stripe does. */
async function deliver(environment: ChaosEnvironment, event: FakeEvent): Promise<void> {
  for (let tries = 0; tries < NOTIFICATION_TRIES_MAX; tries++) {
    const status = await sendEvent(environment.server.url, event).catch(() => 0);
    if (status === 200) return;
    await wait(NOTIFICATION_RETRY_MS);
  }
}

const happens = (random: SeededRandom, percent: number): boolean => random.below(PERCENT) < percent;

/** Notifications arrive at once, except as `how` says. */
function notify(
  environment: ChaosEnvironment,
  how: (event: FakeEvent) => readonly number[] = () => [0],
): () => Promise<void> {
  const underWay = new Set<Promise<void>>();
  environment.stripe.onEvent = (event) => {
    for (const delayMs of how(event)) {
      const delivered = wait(delayMs)
        .then(() => deliver(environment, event))
        .finally(() => underWay.delete(delivered));
      underWay.add(delivered);
    }
  };
  return async () => void (await Promise.all(underWay));
}

function ended(stripe: FakeStripe): void {
  stripe.losesAnswer = () => false;
  stripe.refuses = () => null;
  stripe.delay = () => Promise.resolve();
}

/** The steps at which the server is killed: before and after each call's effect, and during a notification. */
const KILLED_AT = [
  'before POST /v1/payment_intents',
  'after POST /v1/payment_intents',
  'before POST /v1/payment_intents/:id/cancel',
  'after POST /v1/payment_intents/:id/cancel',
  'before POST /v1/refunds',
  'after POST /v1/refunds',
  'notification',
] as const;

/** Kills the server at one step, and starts it again. */
function killAt(environment: ChaosEnvironment, random: SeededRandom): () => Promise<void> {
  const { stripe, server } = environment;
  const step = random.pick([...KILLED_AT]);
  let left = random.below(CALLS_BEFORE_KILL_MAX);
  let restarted: Promise<void> | undefined;
  const kill = () => {
    restarted ??= server.kill().then(() => server.start());
  };
  const comesTo = (here: string) => {
    if (here !== step || restarted !== undefined || left-- > 0) return false;
    kill();
    return true;
  };
  stripe.refuses = ({ route }: FakeCall) =>
    comesTo(`before ${route}`) ? { status: 503, body: { error: { type: 'api_error' } } } : null;
  stripe.losesAnswer = ({ route }: FakeCall) => comesTo(`after ${route}`);
  const delivered = notify(environment, () => {
    comesTo('notification');
    return [0];
  });
  return async () => {
    // A round in which the step was not reached kills the server at its end.
    kill();
    await restarted;
    ended(stripe);
    await delivered();
  };
}

export const PROVIDER_FAULTS = {
  'provider-answers-lost': {
    what: 'Stripe: two of five answers lost after their effect',
    start: (environment, random) => {
      environment.stripe.losesAnswer = () => happens(random, 40);
      const delivered = notify(environment);
      return async () => {
        ended(environment.stripe);
        await delivered();
      };
    },
  },
  'provider-webhook-lost': {
    what: 'Stripe: three of five notifications never come',
    start: (environment, random) => notify(environment, () => (happens(random, 60) ? [] : [0])),
  },
  'provider-webhook-twice': {
    what: 'Stripe: notifications come twice, late and in any order',
    start: (environment, random) =>
      notify(environment, () => [random.below(LATE_MS_MAX), random.below(LATE_MS_MAX)]),
  },
  'provider-late': {
    what: 'Stripe: customers pay when their bookings have timed out and others want the seats',
    paysLate: true,
    start: (environment) => {
      // Otherwise the PaymentIntent would be cancelled in time.
      environment.stripe.refuses = ({ route }) =>
        route.endsWith('/cancel') ? { status: 503, body: { error: { type: 'api_error' } } } : null;
      const delivered = notify(environment);
      return async () => {
        ended(environment.stripe);
        await delivered();
      };
    },
  },
  'provider-slow': {
    what: 'Stripe: two of five calls refused for now, all late',
    start: (environment, random) => {
      environment.stripe.refuses = () =>
        happens(random, 40) ? { status: 503, body: { error: { type: 'api_error' } } } : null;
      environment.stripe.delay = () => wait(random.below(DELAY_MS_MAX));
      const delivered = notify(environment);
      return async () => {
        ended(environment.stripe);
        await delivered();
      };
    },
  },
  'provider-kill': { what: 'Stripe: kill -9 of the server between any two steps', start: killAt },
} satisfies Readonly<Record<string, ProviderFault>>;

export type ProviderFaultName = keyof typeof PROVIDER_FAULTS;

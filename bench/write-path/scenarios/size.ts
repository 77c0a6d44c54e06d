import { OURS } from '../../lib/environment.js';
import { createEvent } from '../../lib/events.js';
import { atMost } from '../../lib/goals.js';
import { figuresOf, measure } from '../../lib/measure.js';
import { firstSeats, planOf, type Seat } from '../../lib/plan.js';
import { type Arm, runRounds } from '../../lib/rounds.js';
import { type Report, type Setting } from '../../lib/scenario.js';

const CALLERS = 64;
/** Bookings in one measurement: the seats of the small event, and a tenth of the large event's free seats. */
const BOOKINGS = 1_000;
const LARGE_SEATS = 100_000;
/** One seat in ten of the large event is free, spread over all of it. */
const FREE_EVERY = 10;
/** Long enough to finish: the same amount of work is compared. */
const DURATION_MS_MAX = 60_000;

/** The cost of a booking on a large, nearly sold out event, against a small, empty one. */
export async function size(setting: Setting): Promise<Report> {
  const { environment } = setting;
  const database = environment.database(OURS);
  const server = await environment.ours();
  const isFree = (seatNumber: number) => seatNumber % FREE_EVERY === 0;
  const largeEventId = await createEvent(database, LARGE_SEATS, (seatNumber) =>
    isFree(seatNumber) ? 'available' : 'booked',
  );
  // Otherwise the inserted data would be written to disk during the measurement.
  await environment.database('admin').command({ fsync: 1 });
  const freeSeats = firstSeats(largeEventId, LARGE_SEATS).filter(({ seatNumber }) => isFree(seatNumber));

  let skippedUsers = 0;
  const book = async (seats: readonly Seat[]) => {
    const plan = await planOf(environment.users, CALLERS, seats, { skippedUsers });
    // The users of earlier rounds have their maximum of seats of the large event.
    skippedUsers += plan.tokens.flat().length;
    const job = { transport: 'http', step: 'journey', durationMs: DURATION_MS_MAX, ...plan } as const;
    return { journey: (await measure(environment, [server], job)).measurement };
  };
  const small: Arm = {
    name: 'an event of 1,000 seats, none taken',
    run: async () => book(firstSeats(await createEvent(database, BOOKINGS), BOOKINGS)),
  };
  const large: Arm = {
    name: 'an event of 100,000 seats, 90,000 or more taken',
    run: () => book(freeSeats.splice(0, BOOKINGS)),
  };
  const results = await runRounds([small, large], setting);
  const [ofSmall, ofLarge] = [small, large].map(({ name }) => figuresOf(results(name, 'journey'))) as [
    ReturnType<typeof figuresOf>,
    ReturnType<typeof figuresOf>,
  ];
  const total = ({ serverCpuUs, mongodCpuUs }: typeof ofSmall) => serverCpuUs + mongodCpuUs;
  return {
    about: `${BOOKINGS} bookings (lock, pay, confirm) by ${CALLERS} callers over HTTP; CPU times are of one booking.`,
    rows: [
      { event: small.name, ...ofSmall },
      { event: large.name, ...ofLarge },
    ],
    goals: [
      atMost(
        1.3,
        'CPU of a booking on the large event, times the small one’s',
        total(ofLarge) / total(ofSmall),
      ),
      atMost(0, 'refusals', ofSmall.refusals + ofLarge.refusals),
    ],
  };
}

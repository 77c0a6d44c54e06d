import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { SeatAvailability } from '../../booking/availability.js';
import { eventNotFound } from '../../booking/refusals.js';
import type { Events } from '../../catalog/events.js';
import { geometryOf, type SeatingGeometry } from '../../catalog/seating-geometry.js';
import type { PlannedSection, Row, SectionArea } from '../../catalog/seating-plan.js';
import { badUserInput } from '../../core/errors.js';
import { countMapOpening } from '../caller-limits.js';
import type { GraphQLContext } from '../context.js';
import { SeatAvailabilityType } from '../types/seat-map.type.js';
import { RowType, SectionAreaType, SectionType } from '../types/section.type.js';

/** Rows that one `rowList` may ask for. */
export const ROWS_PER_PAGE_MAX = 2_000;
const ROWS_PER_PAGE = 200;
/** Every seat of the section is looked at. */
const COUNTING_COST = 20;
/** Most sections have far fewer rows than a page holds. */
const ROWS_PER_UNIT_OF_COST = 10;

@Resolver(() => SectionType)
export class SectionResolver {
  constructor(private readonly events: Events) {}

  @FieldResolver(() => SeatAvailabilityType, {
    complexity: COUNTING_COST,
    description: 'How many of its seats are free, locked, booked and off sale.',
  })
  async availability(
    @Root() section: SectionType,
    @Ctx() context: GraphQLContext,
  ): Promise<SeatAvailability> {
    const { firstSeatNumber, seats } = await this.#planned(section);
    return this.#readMap(context, section, (map) => map.availabilityOf(firstSeatNumber, seats));
  }

  @FieldResolver(() => Int, {
    complexity: COUNTING_COST,
    description: 'The longest run of free neighbouring seats; in a STANDING section all free places.',
  })
  async largestBlock(@Root() section: SectionType, @Ctx() context: GraphQLContext): Promise<number> {
    const { event, index } = section;
    const geometry = geometryOf(await this.events.seatingPlan(event));
    return this.#readMap(context, section, (map) => largestBlock(geometry, index, map));
  }

  @FieldResolver(() => [RowType], {
    complexity: ({ args, childComplexity }) =>
      1 + Math.ceil(pageOfRows(args.first) / ROWS_PER_UNIT_OF_COST) * childComplexity,
    description: `Front to back, at most ${ROWS_PER_PAGE_MAX} at a time; empty in a STANDING section.`,
  })
  async rowList(
    @Root() section: SectionType,
    // Parameter decorators run from last to first. This order puts `first` first in the schema.
    @Arg('after', () => Int, { nullable: true, description: 'How many rows to skip. Default: none.' })
    after: number | null | undefined,
    @Arg('first', () => Int, { nullable: true, defaultValue: ROWS_PER_PAGE, description: 'How many rows.' })
    wanted: number | null,
  ): Promise<readonly Row[]> {
    const first = wanted ?? ROWS_PER_PAGE;
    if (first < 1 || first > ROWS_PER_PAGE_MAX) {
      throw badUserInput('first', `This is a whole number from 1 to ${ROWS_PER_PAGE_MAX}.`, {
        max: ROWS_PER_PAGE_MAX,
      });
    }
    const skipped = after ?? 0;
    if (skipped < 0) throw badUserInput('after', 'This is a whole number from 0.');
    const { rows } = await this.#planned(section);
    return rows.slice(skipped, skipped + first);
  }

  @FieldResolver(() => SectionAreaType, {
    nullable: true,
    description: 'Where it is in the hall. Null where the sections are one behind the other, in their order.',
  })
  async area(@Root() section: SectionType): Promise<SectionArea | null> {
    return (await this.#planned(section)).area;
  }

  async #planned({ event, index }: SectionType): Promise<PlannedSection> {
    const { sections } = await this.events.seatingPlan(event);
    return sections[index] as PlannedSection;
  }

  async #readMap<Result>(
    context: GraphQLContext,
    { event }: SectionType,
    read: (map: SeatsNow) => Result,
  ): Promise<Result> {
    countMapOpening(context, event.id);
    const result = await context.feed.readMap(event.id, (map) => ({ of: read(map.seats()) }));
    if (result === null) throw eventNotFound();
    return result.of;
  }
}

/** A number that is refused later costs as much as one that is not, never less than nothing. */
const pageOfRows = (first: number | null): number =>
  Math.min(Math.max(first ?? ROWS_PER_PAGE, 1), ROWS_PER_PAGE_MAX);

interface SeatsNow {
  isAvailable(seatNumber: number): boolean;
  availabilityOf(firstSeatNumber: number, seats: number): SeatAvailability;
}

function largestBlock(geometry: SeatingGeometry, section: number, map: SeatsNow): number {
  const first = geometry.sectionFirst[section] as number;
  const last = geometry.sectionLast[section] as number;
  if (geometry.isStanding(section)) return map.availabilityOf(first, last - first + 1).availableSeats;
  let largest = 0;
  let block = 0;
  for (let seat = first; seat <= last; seat++) {
    block = map.isAvailable(seat) ? block + 1 : 0;
    largest = Math.max(largest, block);
    if (!geometry.isBesideNext(seat)) block = 0;
  }
  return largest;
}

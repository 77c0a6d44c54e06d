import { useEffect, useMemo, useState } from 'react';
import type { SeatingPlan } from '../../../../src/catalog/seating-plan.js';
import { Seating, type SectionShape } from '../map/seating.js';

/** What the API tells of an event's seats. */
export interface EventSeats {
  readonly id: string;
  readonly totalSeats: number;
  /** Null if the sections describe all seats. */
  readonly seatingPlanUrl: string | null;
  readonly sections: readonly SectionShape[];
}

const RETRY_MS = 3_000;
/** A list of events may need the plans of several venues. */
const PLANS_MAX = 20;

/** Plans never change. The oldest one is forgotten first; the browser's cache still has it. */
const plans = new Map<string, Promise<SeatingPlan>>();

/**
 * The seating of an event. An event whose sections do not describe its seats has a plan, which is fetched until it is there.
 *
 * @returns undefined until the plan is there
 */
export function useSeating(event: EventSeats | null | undefined): Seating | undefined {
  const url = event?.seatingPlanUrl ?? null;
  const [fetched, setFetched] = useState<{ readonly url: string; readonly plan: SeatingPlan }>();
  useEffect(() => {
    if (url === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isWanted = true;
    const fetchPlan = () =>
      planAt(url).then(
        (plan) => isWanted && setFetched({ url, plan }),
        () => {
          if (isWanted) timer = setTimeout(fetchPlan, RETRY_MS);
        },
      );
    void fetchPlan();
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [url]);
  const plan = fetched?.url === url ? fetched.plan : undefined;
  // Seats never change and prices rarely do, so a refetched event must not create another seating.
  const prices = event?.sections.map(({ price }) => price?.amount).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above.
  return useMemo(() => {
    if (event == null || (url !== null && plan === undefined)) return undefined;
    return new Seating(event.sections, event.totalSeats, plan);
  }, [event?.id, plan, prices]);
}

function planAt(url: string): Promise<SeatingPlan> {
  const known = plans.get(url);
  if (known !== undefined) return known;
  const answer = fetchPlan(url);
  plans.set(url, answer);
  answer.catch(() => plans.delete(url));
  const [oldest] = plans.keys();
  if (plans.size > PLANS_MAX && oldest !== undefined) plans.delete(oldest);
  return answer;
}

async function fetchPlan(url: string): Promise<SeatingPlan> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The seating plan was answered with ${response.status}`);
  return response.json();
}

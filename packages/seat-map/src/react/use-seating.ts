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

/** Gets files of the server. */
export interface PlanSource {
  json<Content>(path: string): Promise<Content>;
}

const RETRY_MS = 3_000;
/** A list of events may need the plans of several venues. */
const PLANS_MAX = 20;

const OWN_SERVER: PlanSource = {
  async json(path) {
    const response = await fetch(path);
    if (!response.ok) throw new Error(`${path} was answered with ${response.status}`);
    return response.json();
  },
};

/** Plans never change. The oldest one is forgotten first; the browser's cache still has it. */
const plans = new WeakMap<PlanSource, Map<string, Promise<SeatingPlan>>>();

/**
 * The seating of an event. An event whose sections do not describe its seats has a plan, which is fetched until it is there.
 *
 * @param source default: the page's own server
 * @returns undefined until the plan is there
 */
export function useSeating(
  event: EventSeats | null | undefined,
  source: PlanSource = OWN_SERVER,
): Seating | undefined {
  const url = event?.seatingPlanUrl ?? null;
  const [fetched, setFetched] = useState<{ readonly url: string; readonly plan: SeatingPlan }>();
  useEffect(() => {
    if (url === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isWanted = true;
    const fetchPlan = () =>
      planAt(url, source).then(
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
  }, [url, source]);
  const plan = fetched?.url === url ? fetched.plan : undefined;
  // Seats never change and prices rarely do, so a refetched event must not create another seating.
  const prices = event?.sections.map(({ price }) => price?.amount).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above.
  return useMemo(() => {
    if (event == null || (url !== null && plan === undefined)) return undefined;
    return new Seating(event.sections, event.totalSeats, plan);
  }, [event?.id, plan, prices]);
}

function planAt(url: string, source: PlanSource): Promise<SeatingPlan> {
  const known = plans.get(source) ?? new Map<string, Promise<SeatingPlan>>();
  plans.set(source, known);
  const kept = known.get(url);
  if (kept !== undefined) return kept;
  const answer = source.json<SeatingPlan>(url);
  known.set(url, answer);
  answer.catch(() => known.delete(url));
  const [oldest] = known.keys();
  if (known.size > PLANS_MAX && oldest !== undefined) known.delete(oldest);
  return answer;
}

import { LRUCache } from 'lru-cache';
import type { Event } from '../../catalog/event.js';
import { derivedPlan, type SeatingPlan } from '../../catalog/seating-plan.js';
import type { Database } from '../database.js';
import type { SeatingPlanDocument } from '../models/seating-plan.model.js';
import { isDuplicateKey } from '../mongo-errors.js';

/** Plans in the cache of a process, and how many seats they may have together: a plan takes up to 100 bytes a seat. */
const CACHED_PLANS_MAX = 2_000;
const CACHED_SEATS_MAX = 1_000_000;

/** Seating plans never change, so a cached one is always right. */
export class SeatingPlans {
  readonly #cached = new LRUCache<string, SeatingPlan>({
    max: CACHED_PLANS_MAX,
    maxSize: CACHED_SEATS_MAX,
    sizeCalculation: ({ totalSeats }) => totalSeats,
  });

  constructor(private readonly database: Database) {}

  async insert(id: string, { totalSeats, sections }: SeatingPlan): Promise<void> {
    try {
      await this.database.seatingPlans.collection.insertOne({ _id: id, totalSeats, sections } as never);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  async of(event: Event): Promise<SeatingPlan> {
    const key = event.planId ?? event.id;
    const cached = this.#cached.get(key);
    if (cached !== undefined) return cached;
    const plan =
      event.planId === null ? derivedPlan(event.sections, event.totalSeats) : await this.#read(event.planId);
    this.#cached.set(key, plan);
    return plan;
  }

  async #read(id: string): Promise<SeatingPlan> {
    const document = await this.database.seatingPlans.findById(id).lean<SeatingPlanDocument>().exec();
    if (document === null) throw new Error(`The seating plan ${id} is missing.`);
    const { totalSeats, sections } = document;
    return { totalSeats, sections };
  }
}

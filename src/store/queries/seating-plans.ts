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
    if (event.planId !== null) {
      const plan = await this.find(event.planId);
      if (plan === null) throw new Error(`The seating plan ${event.planId} is missing.`);
      return plan;
    }
    const cached = this.#cached.get(event.id);
    if (cached !== undefined) return cached;
    const plan = derivedPlan(event.sections, event.totalSeats);
    this.#cached.set(event.id, plan);
    return plan;
  }

  async find(id: string): Promise<SeatingPlan | null> {
    const cached = this.#cached.get(id);
    if (cached !== undefined) return cached;
    const document = await this.database.seatingPlans.findById(id).lean<SeatingPlanDocument>().exec();
    if (document === null) return null;
    const { totalSeats, sections } = document;
    const plan = { totalSeats, sections };
    this.#cached.set(id, plan);
    return plan;
  }
}

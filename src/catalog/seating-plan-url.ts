/** A SHA-256 hash in base64url, as `planIdOf` makes it. */
export const PLAN_ID = /^[\w-]{43}$/;

/** Where a client finds a stored seating plan as JSON, from the server's root. */
export const seatingPlanUrl = (planId: string): string => `/seating-plans/${planId}.json`;

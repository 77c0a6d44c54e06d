/** Thrown by whoever sends a message of the outbox if it will never be accepted: the message is given up. */
export class RefusedForGood extends Error {}

/** Thrown if a message can be sent only after another one. It is tried again soon, and does not count as failed. */
export class WaitsForEarlier extends Error {}

import { CONFIRM_BOOKING, LOCK_SEAT, SIMULATE_PAYMENT } from './operations.js';
import type { TestApp, TestUser } from './test-app.js';
import { type Attempt, bearer } from './transports.js';

/** A user with an event of a hundred seats without prices, and calls to change it. */
export class Scene {
  private constructor(
    readonly app: TestApp,
    readonly user: TestUser,
    readonly eventId: string,
  ) {}

  static async make(app: TestApp, input: Record<string, unknown> = { totalSeats: 100 }): Promise<Scene> {
    const user = await app.user();
    return new Scene(app, user, await app.event(user, input));
  }

  async lock(seatNumber = 1, user = this.user): Promise<string> {
    const { lockSeat } = await this.app.ok(LOCK_SEAT, { input: { eventId: this.eventId, seatNumber } }, user);
    return lockSeat.id;
  }

  async pay(
    lockId: string,
    cardStatus: 'SUCCESS' | 'PROCESSING' | 'DECLINED' = 'SUCCESS',
    requestId?: string,
  ) {
    const input = {
      lockIds: [lockId],
      amount: 100,
      currency: 'USD',
      cardStatus,
      requestId: requestId ?? null,
    };
    return (await this.app.ok(SIMULATE_PAYMENT, { input }, this.user)).simulatePayment.paymentId;
  }

  async book(seatNumber = 1): Promise<{ lockId: string; bookingId: string }> {
    const lockId = await this.lock(seatNumber);
    const input = { lockId, paymentId: await this.pay(lockId), requestId: `seat ${seatNumber}` };
    return {
      lockId,
      bookingId: (await this.app.ok(CONFIRM_BOOKING, { input }, this.user)).confirmBooking.id,
    };
  }

  attempt(query: unknown, variables: unknown = {}): Attempt {
    return { query: query as never, variables, authorization: bearer(this.user) };
  }
}

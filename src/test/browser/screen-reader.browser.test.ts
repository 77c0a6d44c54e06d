import { expect, test } from 'vitest';
import { describeOnPage } from '../support/browser.js';
import { LOCK_SEAT } from '../support/operations.js';
import { EVENT_INPUT, type Visitor } from '../support/seat-map-page.js';

/** The seat-map page for screen readers: Chromium's accessibility tree, and the announcements in their order. */

const MINUTE_MS = 60_000;
/** Roles that can have the focus: each element needs a name. */
const NAMED = [
  'button',
  'link',
  'textbox',
  'radio',
  'grid',
  'dialog',
  'spinbutton',
  'combobox',
  'DateTime',
  'region',
];

interface Node {
  readonly role: string;
  readonly name: string;
  readonly description: string;
}

describeOnPage('with a screen reader', {}, (site) => {
  /** The accessibility tree of the page, without ignored nodes. */
  const treeOf = async (fan: Visitor): Promise<Node[]> => {
    const debug = await fan.context.newCDPSession(fan.page);
    const { nodes } = await debug.send('Accessibility.getFullAXTree');
    await debug.detach();
    return nodes
      .filter(({ ignored }) => !ignored)
      .map(({ role, name, description }) => ({
        role: String(role?.value ?? ''),
        name: String(name?.value ?? ''),
        description: String(description?.value ?? ''),
      }));
  };
  const namesOf = (tree: readonly Node[], wanted: string) =>
    tree.filter(({ role }) => role === wanted).map(({ name }) => name);
  const isNamed = (tree: readonly Node[]) =>
    expect(tree.filter(({ role, name }) => NAMED.includes(role) && name.trim() === '')).toEqual([]);

  test('seats, fields and dialogs have complete names, on a phone as well', async () => {
    const eventId = await site.app.event(await site.app.user(), EVENT_INPUT);
    await site.app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 2 } }, await site.app.user());
    const fan = await site.open({ user: await site.app.user(), width: 320, height: 700 });
    await fan.goToEvent(eventId);
    const map = await treeOf(fan);
    isNamed(map);
    expect(map.find(({ role }) => role === 'grid')).toMatchObject({
      name: 'Seat map',
      description: expect.stringContaining('Enter picks a seat'),
    });
    expect(namesOf(map, 'gridcell').slice(0, 3)).toEqual([
      'Stalls, row A, seat 1, 45 US dollars, available',
      'Stalls, row A, seat 2, 45 US dollars, held by somebody',
      'Stalls, row A, seat 3, 45 US dollars, available',
    ]);
    expect(namesOf(map, 'heading')).toEqual(['A night out', 'Best seats', 'Sections']);
    expect(namesOf(map, 'link')).toEqual(
      expect.arrayContaining(['Skip to the page', 'Seat Booking Live', 'My bookings']),
    );
    expect(namesOf(map, 'button')).toEqual(
      expect.arrayContaining(['Account', 'Zoom in', 'Zoom out', 'Show the whole map']),
    );

    await fan.walkTo(1, 1);
    await fan.page.keyboard.press('Enter');
    await fan.hold();
    await fan.payButton.click();
    const paying = await treeOf(fan);
    isNamed(paying);
    expect(namesOf(paying, 'dialog')).toEqual(['Pay']);
    expect(namesOf(paying, 'radio')[0]).toMatch(/^Everyday card .*4242 ?is accepted$/);
    expect(namesOf(paying, 'gridcell')).toEqual([]);
    // An announcement during a dialog is inside the dialog, which hides the rest of the page.
    expect(paying.map(({ role }) => role)).toEqual(expect.arrayContaining(['status', 'alert']));

    await fan.goTo('/create-event');
    await fan.button('Create the event').click();
    await fan.page.getByText('Name the event.').waitFor();
    const form = await treeOf(fan);
    isNamed(form);
    expect(form).toContainEqual({ role: 'textbox', name: 'Name', description: 'Name the event.' });
    expect(fan.complaints).toEqual([]);
  });

  test('each important change is announced once and in order, from the pick to the booking', async () => {
    const own = await site.ownServer();
    const eventId = await own.event(await own.user(), EVENT_INPUT);
    const user = await own.user();
    const fan = await site.open({ user }, own);
    const elsewhere = await site.open({ user }, own);
    await fan.goToEvent(eventId);
    await fan.page.evaluate(`
      globalThis.announcements = [];
      for (const region of document.querySelectorAll('body > [aria-live], #root > [aria-live]')) {
        new MutationObserver((changes) => {
          for (const { addedNodes } of changes) {
            for (const node of addedNodes) globalThis.announcements.push(region.getAttribute('role') + ': ' + node.textContent);
          }
        }).observe(region, { childList: true });
      }`);
    /** All announcements since the last call. Waits until the last one matches. */
    const announced = async (last: RegExp) => {
      await expect
        .poll(async () => ((await fan.page.evaluate('globalThis.announcements')) as string[]).at(-1))
        .toMatch(last);
      return (await fan.page.evaluate('globalThis.announcements.splice(0)')) as string[];
    };
    const lock = async (seatNumber: number) =>
      own.ok(LOCK_SEAT, { input: { eventId, seatNumber } }, await own.user());

    await fan.walkTo(1, 3);
    await fan.page.keyboard.press('Enter');
    expect(await announced(/picked/)).toEqual(['status: Stalls, row A, seat 3 picked. 1 picked.']);
    await lock(3);
    expect(await announced(/faster/)).toEqual([
      'alert: Somebody else was faster: Stalls, row A, seat 3. Nearest free: Stalls, row A, seat 2; Stalls, row A, seat 4; Stalls, row A, seat 1; Stalls, row A, seat 5; Stalls, row A, seat 6.',
    ]);
    await fan.button('Hold A4 · $45: Stalls, row A, seat 4').click();
    expect(await announced(/Held/)).toEqual(['status: Held for you: Stalls, row A, seat 4.']);

    own.clock.advance(4 * MINUTE_MS + 5_000);
    await lock(20);
    expect(await announced(/another/)).toEqual([
      expect.stringMatching(/^alert: Your seats are held for another 5\d seconds\.$/),
    ]);
    await fan.button('More time').click();
    expect(await announced(/time/)).toEqual(['status: You have more time.']);

    await fan.pay('Blocked card');
    expect(await announced(/Try/)).toEqual([
      'alert: Card was declined. Your seats are still held. Try again, or take another card.',
    ]);
    await fan.pay('Old card');
    expect(await announced(/another one/)).toEqual([
      'alert: Card has expired. Your seats are still held. This card cannot be used; take another one.',
    ]);
    await fan.pay('Slow card');
    expect(await announced(/pending/)).toEqual([
      'alert: Payment pending. The seats are kept for you until the card network has answered.',
    ]);
    await elsewhere.goToEvent(eventId);
    await elsewhere.button('Accepts').click();
    expect(await announced(/Booked/)).toEqual([
      'alert: The payment has come through. Booked: Stalls, row A, seat 4.',
    ]);
    await fan.button('Back to the map').click();

    await fan.context.setOffline(true);
    expect(await announced(/lost/)).toEqual(['alert: The connection is lost. The map is not live.']);
    await fan.context.setOffline(false);
    expect(await announced(/again/)).toEqual(['status: The map is live again.']);

    await fan.walkTo(2, 1);
    await fan.page.keyboard.press('Enter');
    await fan.hold();
    await announced(/Held/);
    own.clock.advance(4 * MINUTE_MS + 10_000);
    await lock(21);
    await announced(/another/);
    own.clock.advance(MINUTE_MS);
    expect(await announced(/ended/)).toEqual(['alert: Your hold has ended. Others can take the seats now.']);

    await fan.button('Cancel Stalls, row A, seat 4').click();
    await fan.button('Cancel the booking').click();
    expect(await announced(/Cancelled/)).toEqual(['alert: Cancelled: Stalls, row A, seat 4.']);
    expect(elsewhere.complaints).toEqual([]);
  });
});

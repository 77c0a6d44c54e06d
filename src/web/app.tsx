import { lazy, Suspense, useEffect, useRef } from 'react';
import { Link, Route, Switch, useLocation } from 'wouter';
import { AccountMenu } from './account/account-menu.js';
import { SessionEnded } from './account/session-ended.js';
import { EventPage } from './event-page.js';
import { EventsPage } from './events/events-page.js';
import { Boundary } from './ui/boundary.js';
import { NotFound } from './ui/not-found.js';
import { ServerBusy } from './ui/server-busy.js';

// Most visitors only see events and maps. The code of other pages is loaded on demand.
const MyBookingsPage = lazy(async () => ({
  default: (await import('./booking/my-bookings-page.js')).MyBookingsPage,
}));
const TicketPage = lazy(async () => ({
  default: (await import('./booking/ticket-page.js')).TicketPage,
}));
const MyPaymentsPage = lazy(async () => ({
  default: (await import('./booking/my-payments-page.js')).MyPaymentsPage,
}));
const MyEventsPage = lazy(async () => ({
  default: (await import('./organizer/my-events-page.js')).MyEventsPage,
}));
const ResetPasswordPage = lazy(async () => ({
  default: (await import('./account/reset-password-page.js')).ResetPasswordPage,
}));
const CreateEventPage = lazy(async () => ({
  default: (await import('./organizer/create-event-page.js')).CreateEventPage,
}));
const CheckInPage = lazy(async () => ({
  default: (await import('./check-in/check-in-page.js')).CheckInPage,
}));
const SalesPage = lazy(async () => ({
  default: (await import('./organizer/sales-page.js')).SalesPage,
}));

/** The frame around every page, and the routes. */
export function App() {
  const main = useRef<HTMLElement>(null);
  const [location] = useLocation();
  const shown = useRef(location);
  useEffect(() => {
    if (shown.current === location) return;
    shown.current = location;
    // As after loading a page, scroll position and focus are at the top.
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [location]);
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to the page
      </a>
      <header className="top">
        <nav className="top-inner" aria-label="Pages">
          <Link href="/" className="brand">
            <svg viewBox="0 0 16 16" aria-hidden="true" fill="currentColor">
              <rect x="3" y="1" width="10" height="8" rx="2" />
              <rect x="1" y="10" width="14" height="3" rx="1.5" />
              <rect x="3" y="13" width="2" height="3" />
              <rect x="11" y="13" width="2" height="3" />
            </svg>
            <span>Seat Booking Live</span>
          </Link>
          <Link href="/bookings" className="top-link">
            My bookings
          </Link>
          <AccountMenu />
        </nav>
      </header>
      <SessionEnded />
      <ServerBusy />
      <main id="main" ref={main} tabIndex={-1}>
        <Boundary key={location}>
          <Suspense fallback={<p className="page muted">Loading…</p>}>
            <Switch>
              <Route path="/" component={EventsPage} />
              <Route path="/create-event" component={CreateEventPage} />
              <Route path="/bookings" component={MyBookingsPage} />
              <Route path="/bookings/:id/ticket">{({ id }) => <TicketPage key={id} id={id} />}</Route>
              <Route path="/payments" component={MyPaymentsPage} />
              <Route path="/reset-password" component={ResetPasswordPage} />
              <Route path="/my-events" component={MyEventsPage} />
              <Route path="/events/:id/sales">{({ id }) => <SalesPage key={id} id={id} />}</Route>
              <Route path="/events/:id/check-in">{({ id }) => <CheckInPage key={id} id={id} />}</Route>
              <Route path="/events/:id">{({ id }) => <EventPage key={id} id={id} />}</Route>
              <Route>
                <NotFound
                  title="There is nothing here"
                  why="The address may be mistyped, or what was here is gone."
                />
              </Route>
            </Switch>
          </Suspense>
        </Boundary>
      </main>
      <footer className="foot">
        <a href="/playground">GraphQL playground</a>
      </footer>
    </>
  );
}

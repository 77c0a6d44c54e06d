import { createRoot } from 'react-dom/client';
import { createSeatMapClient } from 'seat-map';
import { SeatMap, SeatMapProvider, useHold } from 'seat-map/react';
import 'seat-map/style.css';

const address = new URLSearchParams(location.search);
const event = address.get('event') ?? '';
const client = createSeatMapClient({ endpoint: address.get('endpoint') ?? 'http://localhost:4000/graphql' });

function CheckOut() {
  const { locks, checkOut, checkout } = useHold(event);
  const amount = locks.reduce((sum, { price }) => sum + (price?.amount ?? 0), 0);
  const pay = (form: FormData) =>
    checkOut({
      seatNumbers: locks.map(({ seatNumber }) => seatNumber),
      total: { amount, currency: locks[0]?.price?.currency ?? 'USD' },
      contactEmail: String(form.get('email')),
    });
  return (
    <form action={pay}>
      <input name="email" type="email" required aria-label="E-mail address" />
      <button type="submit">{checkout.kind === 'working' ? 'Paying…' : 'Pay and book'}</button>
    </form>
  );
}

createRoot(document.getElementById('root') as HTMLElement).render(
  <SeatMapProvider client={client}>
    <h1>Choose your seats</h1>
    <SeatMap event={event} canHold>
      <CheckOut />
    </SeatMap>
  </SeatMapProvider>,
);

import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useAnnounce } from 'seat-map/react';
import { Notice } from '../ui/notice.js';
import { loadStripe, type StripeElement, type StripeElements, type StripeJs } from './stripe-js.js';

interface Loaded {
  readonly stripe: StripeJs;
  readonly elements: StripeElements;
}

type State = 'loading' | 'not loaded' | 'ready' | 'paying' | 'paid';

const PAID = 'The payment is made. The seats are confirmed as soon as Stripe has said so.';

/** Stripe's own form, in a frame of Stripe: what is typed there never reaches this page. */
export function StripeForm({
  publishableKey,
  clientSecret,
  price,
}: {
  publishableKey: string;
  clientSecret: string;
  /** What is paid, for people. */
  price: string;
}) {
  const announce = useAnnounce();
  const place = useRef<HTMLDivElement>(null);
  const loaded = useRef<Loaded>(undefined);
  const [state, setState] = useState<State>('loading');
  const [problem, setProblem] = useState<string>();
  const [tries, setTries] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `tries` loads it again.
  useEffect(() => {
    let element: StripeElement | undefined;
    let isGone = false;
    const load = async () => {
      const stripe = await loadStripe(publishableKey);
      // After a reload the customer may have paid already.
      const { paymentIntent } = await stripe.retrievePaymentIntent(clientSecret);
      if (isGone || place.current === null) return;
      if (paymentIntent?.status === 'succeeded' || paymentIntent?.status === 'processing') {
        setState('paid');
        return;
      }
      const elements = stripe.elements({ clientSecret });
      element = elements.create('payment');
      element.on('ready', () => setState('ready'));
      element.on('loaderror', () => setState('not loaded'));
      element.mount(place.current);
      loaded.current = { stripe, elements };
    };
    load().catch(() => {
      if (!isGone) setState('not loaded');
    });
    return () => {
      isGone = true;
      element?.destroy();
    };
  }, [publishableKey, clientSecret, tries]);

  const pay = async (event: FormEvent) => {
    event.preventDefault();
    if (state !== 'ready' || loaded.current === undefined) return;
    setState('paying');
    setProblem(undefined);
    const confirmParams = { return_url: window.location.href };
    const { error } = await loaded.current.stripe
      .confirmPayment({ elements: loaded.current.elements, confirmParams, redirect: 'if_required' })
      .catch(() => ({
        error: { message: 'There was no answer from Stripe. Try again; nothing is paid twice.' },
      }));
    if (error === undefined) {
      setState('paid');
      announce(PAID, 'assertive');
      return;
    }
    const text = error.message ?? 'The payment did not go through. Try again, or take another card.';
    setProblem(text);
    setState('ready');
    announce(text, 'assertive');
  };

  if (state === 'paid') return <Notice tone="good">{PAID}</Notice>;
  return (
    <form className="form" onSubmit={(event) => void pay(event)}>
      {state === 'not loaded' && (
        <Notice tone="warning">
          <strong>Stripe cannot be reached.</strong> Your seats stay reserved for a while.{' '}
          <button
            type="button"
            className="link"
            onClick={() => {
              setState('loading');
              setTries(tries + 1);
            }}
          >
            Try again
          </button>
        </Notice>
      )}
      {problem !== undefined && <Notice tone="warning">{problem}</Notice>}
      <div ref={place} className="stripe-place" />
      {state !== 'not loaded' && (
        <button
          type="submit"
          className="button primary wide"
          aria-disabled={state !== 'ready'}
          data-action="pay"
          data-first-focus
        >
          {state === 'ready' ? (
            `Pay ${price}`
          ) : (
            <>
              <span className="spinner" aria-hidden="true" />{' '}
              {state === 'paying' ? 'Paying…' : 'Loading the payment form…'}
            </>
          )}
        </button>
      )}
    </form>
  );
}

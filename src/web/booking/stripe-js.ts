/**
 * Stripe.js: Stripe wants it loaded from its own host, and the content security policy allows that host only where
 * Stripe takes the payments. The release is that of the server's package.
 */
const SCRIPT_URL = 'https://js.stripe.com/endive/stripe.js';

/** The part of Stripe.js that is used. */
export interface StripeJs {
  elements(options: { readonly clientSecret: string }): StripeElements;
  retrievePaymentIntent(clientSecret: string): Promise<StripeAnswer>;
  confirmPayment(options: {
    readonly elements: StripeElements;
    readonly confirmParams: { readonly return_url: string };
    readonly redirect: 'if_required';
  }): Promise<StripeAnswer>;
}

export interface StripeElements {
  create(type: 'payment'): StripeElement;
}

export interface StripeElement {
  mount(place: HTMLElement): void;
  on(event: 'ready' | 'loaderror', listener: () => void): void;
  destroy(): void;
}

interface StripeAnswer {
  readonly paymentIntent?: { readonly status: string };
  readonly error?: { readonly message?: string };
}

declare global {
  interface Window {
    Stripe?: (publishableKey: string) => StripeJs;
  }
}

let loading: Promise<void> | undefined;

/** @throws if the script cannot be loaded; the next call tries again */
export async function loadStripe(publishableKey: string): Promise<StripeJs> {
  loading ??= loadScript();
  try {
    await loading;
  } catch (error) {
    loading = undefined;
    throw error;
  }
  if (window.Stripe === undefined) throw new Error('Stripe.js did not start');
  return window.Stripe(publishableKey);
}

function loadScript(): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = SCRIPT_URL;
    script.onload = () => resolve();
    script.onerror = () => {
      script.remove();
      reject(new Error('Stripe.js cannot be loaded'));
    };
    document.head.append(script);
  });
}

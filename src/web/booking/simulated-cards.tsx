import type { CardStatus } from 'seat-map/documents';

/** Simulated cards. Their digits have no meaning. */
const CARDS: readonly { status: CardStatus; name: string; digits: string; hint: string }[] = [
  { status: 'SUCCESS', name: 'Everyday card', digits: '4242', hint: 'is accepted' },
  { status: 'PROCESSING', name: 'Slow card', digits: '3155', hint: 'stays pending for a while' },
  { status: 'DECLINED', name: 'Blocked card', digits: '0002', hint: 'is declined' },
  { status: 'INSUFFICIENT_FUNDS', name: 'Empty card', digits: '9995', hint: 'has too little on it' },
  { status: 'EXPIRED', name: 'Old card', digits: '0069', hint: 'has expired' },
];

export function SimulatedCards({
  card,
  isDisabled,
  takesFocus,
  onChoose,
}: {
  card: CardStatus;
  isDisabled: boolean;
  takesFocus: boolean;
  onChoose: (card: CardStatus) => void;
}) {
  return (
    <fieldset className="cards" disabled={isDisabled}>
      <legend>Simulated card</legend>
      {CARDS.map(({ status, name, digits, hint }) => (
        <label key={status} className="card-choice">
          <input
            type="radio"
            data-first-focus={(takesFocus && card === status) || undefined}
            name="card"
            value={status}
            checked={card === status}
            onChange={() => onChoose(status)}
          />
          <span className="card-name">
            {name} <span className="number">•• {digits}</span>
          </span>
          <span className="muted">{hint}</span>
        </label>
      ))}
    </fieldset>
  );
}

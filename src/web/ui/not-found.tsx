import { Link } from 'wouter';
import { useTitle } from './use-title.js';

/** What stands in place of a page that is not there, with the way back. */
export function Nothing({ title, why }: { title: string; why: string }) {
  useTitle(title);
  return (
    <div className="page">
      <h1>{title}</h1>
      <p className="muted">{why}</p>
      <div className="row">
        <Link href="/" className="button primary">
          See all events
        </Link>
      </div>
    </div>
  );
}

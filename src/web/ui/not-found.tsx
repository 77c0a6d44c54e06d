import { Link } from 'wouter';
import { useTitle } from './use-title.js';

/** Shown in place of a page that does not exist, with a link back. */
export function NotFound({ title, why }: { title: string; why: string }) {
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

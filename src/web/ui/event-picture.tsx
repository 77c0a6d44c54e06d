import { useState } from 'react';

/** An event's picture, from wherever its organizer keeps it. One that cannot be loaded is left out. */
export function EventPicture({ url, className }: { url: string | null | undefined; className: string }) {
  const [failedUrl, setFailedUrl] = useState<string>();
  if (url == null || url === failedUrl) return null;
  return (
    <img
      className={className}
      src={url}
      // Decoration: what it shows is not known, and the event's name stands beside it.
      alt=""
      // Its host does not learn which page shows it.
      referrerPolicy="no-referrer"
      loading="lazy"
      decoding="async"
      onError={() => setFailedUrl(url)}
    />
  );
}

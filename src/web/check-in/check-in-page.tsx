import { useApolloClient, useQuery } from '@apollo/client/react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { newRequestId } from 'seat-map';
import { isolated } from 'seat-map/map';
import { useAnnounce } from 'seat-map/react';
import { Link } from 'wouter';
import { ForViewer } from '../account/for-viewer.js';
import { useAccount } from '../account/viewer.js';
import { CheckInDocument, CheckInEventDocument } from '../graphql/generated/graphql.js';
import { FetchError } from '../network/fetch-error.js';
import { useRefetchAfterFailure } from '../network/use-refetch-after-failure.js';
import { useServices } from '../services.js';
import { formatTime } from '../text/time.js';
import { Field } from '../ui/field.js';
import { NotFound } from '../ui/not-found.js';
import { Notice } from '../ui/notice.js';
import { useTitle } from '../ui/use-title.js';
import { type Answer, codeIn, type Scan, ScanQueue, type Verdict, waitingScansIn } from './scan-queue.js';
import { useCamera, useCanUseCamera } from './use-camera.js';
import { verdictText } from './verdict-text.js';
import './check-in.css';

/** Verdicts that are listed, the newest first. */
const LISTED_MAX = 20;
/** How often scans are sent again that wait for the network. */
const SEND_AGAIN_MS = 5_000;

interface Checked {
  readonly scan: Scan;
  /** Null while it is being checked. */
  readonly verdict: Verdict | null;
}

/** The entrance of an event, for its organizer: reads tickets by camera, by a scanner that types, or by hand. */
export function CheckInPage({ id }: { id: string }) {
  const { viewer } = useAccount();
  const { data, error, loading, refetch } = useQuery(CheckInEventDocument, {
    variables: { id },
    skip: !viewer,
  });
  const lastError = useRefetchAfterFailure({ error: viewer ? error : undefined, loading, refetch });
  const event = data?.event;
  useTitle(event ? `Check-in: ${isolated(event.name)}` : 'Check-in');
  if (viewer && data && !event)
    return <NotFound title="There is no such event" why="Its address may be mistyped." />;
  return (
    <div className="page narrow">
      {event && (
        <p className="crumb">
          <Link href={`/events/${id}/sales`}>
            <bdi>{event.name}</bdi>
          </Link>
        </p>
      )}
      <h1>Check-in</h1>
      <ForViewer to="check tickets">
        {event && viewer ? (
          event.viewerIsOrganizer ? (
            <Entrance key={viewer.id} eventId={id} timeZone={event.timeZone} userId={viewer.id} />
          ) : (
            <p className="empty">Only the event’s organizer checks tickets.</p>
          )
        ) : lastError === undefined ? (
          <p className="muted">Loading…</p>
        ) : (
          <FetchError error={lastError} refetch={refetch} />
        )}
      </ForViewer>
    </div>
  );
}

function Entrance({ eventId, timeZone, userId }: { eventId: string; timeZone: string; userId: string }) {
  const { clock } = useServices().seats;
  const announce = useAnnounce();
  const [checked, setChecked] = useState<readonly Checked[]>([]);
  const [waiting, setWaiting] = useState(0);
  const [isCameraOn, setCameraOn] = useState(false);
  const canUseCamera = useCanUseCamera();
  const video = useRef<HTMLVideoElement>(null);
  const input = useRef<HTMLInputElement>(null);

  /** Wherever it is in the list: the newest scan stays the first one. */
  const show = useCallback((scan: Scan, verdict: Verdict) => {
    setChecked((before) =>
      before.map((each) => (each.scan.scanId === scan.scanId ? { scan, verdict } : each)),
    );
  }, []);
  const send = useSend(eventId);
  const queue = useMemo(
    () => new ScanQueue(waitingScansIn(localStorage, userId, eventId), send, show),
    [userId, eventId, send, show],
  );

  useEffect(() => {
    const sendAgain = async () => {
      await queue.sendWaiting();
      setWaiting(queue.waiting);
    };
    void sendAgain();
    const timer = setInterval(() => void sendAgain(), SEND_AGAIN_MS);
    addEventListener('online', sendAgain);
    return () => {
      clearInterval(timer);
      removeEventListener('online', sendAgain);
    };
  }, [queue]);

  const check = useCallback(
    async (text: string) => {
      const code = codeIn(text);
      if (code === '') return;
      const scan = { scanId: newRequestId(), code, at: new Date(clock.nowMs()).toISOString() };
      setChecked((before) => [{ scan, verdict: null }, ...before].slice(0, LISTED_MAX));
      const verdict = await queue.check(scan);
      show(scan, verdict);
      setWaiting(queue.waiting);
      const { title, detail } = verdictText(verdict, timeZone);
      announce(`${title}. ${detail}`, 'assertive');
    },
    [queue, show, clock, timeZone, announce],
  );
  const onCode = useCallback((code: string) => void check(code), [check]);
  const cameraProblem = useCamera(isCameraOn, video, onCode);

  // A scanner that types may do so wherever the focus is.
  useEffect(() => {
    const onKey = ({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent) => {
      const isTyping = key.length === 1 && key !== ' ' && !ctrlKey && !metaKey && !altKey;
      if (isTyping && !(target instanceof HTMLInputElement)) input.current?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);

  const [last] = checked;
  return (
    <>
      {last ? <LastVerdict checked={last} timeZone={timeZone} /> : <p className="verdict">Scan a ticket</p>}
      {waiting > 0 && (
        <Notice tone="warning">
          {waiting === 1 ? 'One scan waits' : `${waiting} scans wait`} for the network. Leave this page open.
        </Notice>
      )}
      {canUseCamera && (
        <>
          {isCameraOn && <video ref={video} className="camera" muted playsInline aria-label="Camera" />}
          <button type="button" className="button wide" onClick={() => setCameraOn(!isCameraOn)}>
            {isCameraOn ? 'Stop the camera' : 'Use the camera'}
          </button>
          {isCameraOn && cameraProblem !== undefined && (
            <Notice tone="warning" alert>
              {cameraProblem}
            </Notice>
          )}
        </>
      )}
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          const { current } = input;
          if (current === null) return;
          void check(current.value);
          current.value = '';
        }}
      >
        <Field
          ref={input}
          label="Code"
          hint="A scanner types it here. You can paste it, or the link of the ticket."
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          enterKeyHint="go"
        />
        <button type="submit" className="button primary wide">
          Check
        </button>
      </form>
      {checked.length > 1 && (
        <section aria-label="Earlier scans">
          <h2>Earlier scans</h2>
          <ul className="verdicts">
            {checked.slice(1).map(({ scan, verdict }) => {
              const { tone, title, detail } = verdictText(verdict, timeZone);
              return (
                <li key={scan.scanId} className={`verdict-${tone}`}>
                  <strong>{title}</strong> <span>{detail}</span>
                  <time className="muted" dateTime={scan.at}>
                    {formatTime(scan.at, timeZone)}
                  </time>
                </li>
              );
            })}
          </ul>
        </section>
      )}
    </>
  );
}

function LastVerdict({ checked: { scan, verdict }, timeZone }: { checked: Checked; timeZone: string }) {
  const { tone, title, detail } = verdictText(verdict, timeZone);
  return (
    // With a key, so that two equal verdicts are seen as two.
    <p key={scan.scanId} className={`verdict verdict-${tone}`}>
      <strong>{title}</strong>
      <span>{detail}</span>
    </p>
  );
}

/** Sends one scan. */
function useSend(eventId: string): (scan: Scan) => Promise<Answer> {
  const client = useApolloClient();
  return useCallback(
    async ({ scanId, code, at }) => {
      const input = { eventId, scanId, code, at };
      const { data } = await client.mutate({
        mutation: CheckInDocument,
        variables: { input },
        fetchPolicy: 'no-cache',
      });
      if (!data?.checkIn) throw new Error('The server has answered nothing');
      const { result, checkedInAt, booking } = data.checkIn;
      return { result, checkedInAt, place: booking?.place.label ?? null };
    },
    [client, eventId],
  );
}

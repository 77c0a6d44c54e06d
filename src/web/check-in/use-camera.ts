import { type RefObject, useEffect, useState } from 'react';

/** Between two looks at the camera's picture. */
const LOOK_EVERY_MS = 150;
/** The camera sees a code many times. The same one counts anew after it was out of sight for so long. */
const SAME_CODE_MS = 3_000;

/** Of the Shape Detection API, which TypeScript's library does not have. */
interface BarcodeDetectorLike {
  detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}
interface BarcodeDetectorClass {
  new (options: { formats: readonly string[] }): BarcodeDetectorLike;
  getSupportedFormats(): Promise<readonly string[]>;
}

const detectorClass = (): BarcodeDetectorClass | undefined =>
  (globalThis as { BarcodeDetector?: BarcodeDetectorClass }).BarcodeDetector;

/** Whether the browser can read QR codes with a camera. False until that is known. */
export function useCanUseCamera(): boolean {
  const [can, setCan] = useState(false);
  useEffect(() => {
    if (navigator.mediaDevices === undefined) return;
    void detectorClass()
      ?.getSupportedFormats()
      .then(
        (formats) => setCan(formats.includes('qr_code')),
        () => {},
      );
  }, []);
  return can;
}

/**
 * Reads QR codes with the camera while it is on.
 *
 * @returns why it does not work, or undefined
 */
export function useCamera(
  isOn: boolean,
  video: RefObject<HTMLVideoElement | null>,
  onCode: (code: string) => void,
): string | undefined {
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const Detector = detectorClass();
    if (!isOn || Detector === undefined) return;
    setProblem(undefined);
    let stream: MediaStream | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isGone = false;
    const detector = new Detector({ formats: ['qr_code'] });
    const seenAtMs = new Map<string, number>();
    const look = async () => {
      const { current } = video;
      const codes = current === null ? [] : await detector.detect(current).catch(() => []);
      if (isGone) return;
      const now = performance.now();
      for (const { rawValue } of codes) {
        const seen = seenAtMs.get(rawValue) ?? Number.NEGATIVE_INFINITY;
        seenAtMs.set(rawValue, now);
        if (now - seen > SAME_CODE_MS) onCode(rawValue);
      }
      for (const [code, ms] of seenAtMs) if (now - ms > SAME_CODE_MS) seenAtMs.delete(code);
      timer = setTimeout(() => void look(), LOOK_EVERY_MS);
    };
    const start = async () => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      if (isGone || video.current === null) return stop();
      video.current.srcObject = stream;
      await video.current.play();
      await look();
    };
    const stop = () => {
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
    start().catch(() => {
      if (!isGone) setProblem('The camera cannot be used. Allow it for this page, or type the code.');
    });
    return () => {
      isGone = true;
      clearTimeout(timer);
      stop();
    };
  }, [isOn, video, onCode]);
  return problem;
}

import * as Dialog from '@radix-ui/react-dialog';
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { Cross } from './close-icon.js';

/** A dialog over the page: it takes the focus, keeps it, and gives it back. */
export function Modal({
  title,
  description,
  onClose,
  canClose = true,
  children,
}: {
  title: string;
  description?: string;
  onClose: () => void;
  /** False while something is under way that closing would not stop. */
  canClose?: boolean;
  /** Whatever in here has the attribute data-first-focus begins with the focus; without it, the dialog as a whole. */
  children: ReactNode;
}) {
  useStillPage();
  const content = useRef<HTMLDivElement>(null);
  const opener = useRef(document.activeElement);
  const takeFocus = (event: Event) => {
    event.preventDefault();
    const first = content.current?.querySelector<HTMLElement>('[data-first-focus]');
    (first ?? content.current)?.focus({ preventScroll: true });
  };
  const giveFocusBack = (event: Event) => {
    event.preventDefault();
    const { current } = opener;
    const isThere = current instanceof HTMLElement && current.isConnected && current !== document.body;
    (isThere ? current : document.getElementById('main'))?.focus({ preventScroll: true });
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && canClose && onClose()}>
      <Dialog.Portal>
        {/* No Dialog.Overlay: it puts a style sheet into the page, which the content security policy refuses. */}
        <div className="modal-overlay" />
        <Dialog.Content
          ref={content}
          className="modal"
          onOpenAutoFocus={takeFocus}
          onCloseAutoFocus={giveFocusBack}
          {...(description === undefined && { 'aria-describedby': undefined })}
        >
          <div className="modal-head">
            <Dialog.Title className="modal-title">{title}</Dialog.Title>
            {canClose && (
              <Dialog.Close className="icon-button" aria-label="Close">
                <Cross />
              </Dialog.Close>
            )}
          </div>
          {description !== undefined && (
            <Dialog.Description className="muted">{description}</Dialog.Description>
          )}
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Keeps the page behind from scrolling, and from moving sideways as its scroll bar goes. */
function useStillPage() {
  useLayoutEffect(() => {
    const { style, clientWidth } = document.documentElement;
    // A dialog over a dialog: the first one does it.
    if (style.overflow === 'hidden') return;
    const scrollbarPx = innerWidth - clientWidth;
    style.overflow = 'hidden';
    style.paddingRight = `${scrollbarPx}px`;
    return () => {
      style.overflow = '';
      style.paddingRight = '';
    };
  }, []);
}

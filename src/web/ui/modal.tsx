import * as Dialog from '@radix-ui/react-dialog';
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { CloseIcon } from './close-icon.js';

/** A dialog over the page. It takes the focus, keeps it, and returns it when it closes. */
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
  /** False while an operation is in progress that closing would not stop. */
  canClose?: boolean;
  /** The element with the attribute data-first-focus gets the focus first; without one, the dialog itself. */
  children: ReactNode;
}) {
  useScrollLock();
  const content = useRef<HTMLDivElement>(null);
  const opener = useRef(document.activeElement);
  const focusFirst = (event: Event) => {
    event.preventDefault();
    const first = content.current?.querySelector<HTMLElement>('[data-first-focus]');
    (first ?? content.current)?.focus({ preventScroll: true });
  };
  const restoreFocus = (event: Event) => {
    event.preventDefault();
    const { current } = opener;
    const canFocus = current instanceof HTMLElement && current.isConnected && current !== document.body;
    (canFocus ? current : document.getElementById('main'))?.focus({ preventScroll: true });
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && canClose && onClose()}>
      <Dialog.Portal>
        {/* No Dialog.Overlay: it adds an inline style sheet, which the content security policy forbids. */}
        <div className="modal-overlay" />
        <Dialog.Content
          ref={content}
          className="modal"
          onOpenAutoFocus={focusFirst}
          onCloseAutoFocus={restoreFocus}
          {...(description === undefined && { 'aria-describedby': undefined })}
        >
          <div className="modal-head">
            <Dialog.Title className="modal-title">{title}</Dialog.Title>
            {canClose && (
              <Dialog.Close className="icon-button" aria-label="Close">
                <CloseIcon />
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

/** Keeps the page behind from scrolling, and from moving sideways when its scroll bar disappears. */
function useScrollLock() {
  useLayoutEffect(() => {
    const { style, clientWidth } = document.documentElement;
    // An outer dialog has locked it already.
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

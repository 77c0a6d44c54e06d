import * as Dialog from '@radix-ui/react-dialog';
import { type ReactNode, useRef } from 'react';

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
  children: ReactNode;
}) {
  const opener = useRef(document.activeElement);
  const giveFocusBack = (event: Event) => {
    event.preventDefault();
    const { current } = opener;
    const isThere = current instanceof HTMLElement && current.isConnected && current !== document.body;
    (isThere ? current : document.getElementById('main'))?.focus({ preventScroll: true });
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && canClose && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="modal-overlay" />
        <Dialog.Content
          className="modal"
          onCloseAutoFocus={giveFocusBack}
          {...(description === undefined && { 'aria-describedby': undefined })}
        >
          <div className="modal-head">
            <Dialog.Title className="modal-title">{title}</Dialog.Title>
            {canClose && (
              <Dialog.Close className="icon-button" aria-label="Close">
                <svg viewBox="0 0 16 16" aria-hidden="true">
                  <path d="M4 4l8 8M12 4l-8 8" />
                </svg>
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

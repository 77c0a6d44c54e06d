import { Component, type ReactNode } from 'react';

/**
 * Shows a message if a page cannot be shown: a part of its code did not load, or the server has a newer version. A reload is
 * safe, because interrupted payments resume.
 */
export class Boundary extends Component<{ children: ReactNode }, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError() {
    return { isBroken: true };
  }

  override render() {
    if (!this.state.isBroken) return this.props.children;
    return (
      <div className="page" role="alert">
        <h1>This page could not be loaded</h1>
        <p className="muted">Whatever you hold or have booked is kept.</p>
        <div className="row">
          <button type="button" className="button primary" onClick={() => location.reload()}>
            Load it again
          </button>
        </div>
      </div>
    );
  }
}

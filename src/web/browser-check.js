// Runs before the page's modules, in any browser: not a module, and only syntax that old browsers understand.
(() => {
  // Safari has CompressionStream since 16.4, and the syntax of the build since the same version.
  var isNew =
    'noModule' in HTMLScriptElement.prototype &&
    'CompressionStream' in window &&
    'BroadcastChannel' in window &&
    'inert' in HTMLElement.prototype &&
    'roundRect' in CanvasRenderingContext2D.prototype &&
    'timeout' in AbortSignal;
  if (isNew) return;
  document.getElementById('too-old').hidden = false;
  document.getElementById('loading').hidden = true;
  // Without #root the page's code does nothing.
  document.getElementById('root').removeAttribute('id');
})();

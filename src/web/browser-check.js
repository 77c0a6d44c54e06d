// Runs before the page's modules, in any browser: no module, and no syntax that an old one cannot read.
(() => {
  // CompressionStream came to Safari with 16.4, and the syntax that the build leaves in the code with it.
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
  // The page's code renders into #root, and does nothing where there is none.
  document.getElementById('root').removeAttribute('id');
})();

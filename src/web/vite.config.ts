import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compressedCopies } from './compressed-copies.js';

// Pages are plain files: each key below is one HTML entry, served under the path of its folder.
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), compressedCopies()],
  build: {
    outDir: '../../dist/web', // relative to src/web, as a relative --outDir is too
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 5000, // the playground's editor is one large chunk, loaded by that page alone
    rolldownOptions: {
      onLog(level, log, report) {
        // GraphiQL's files carry directives for a compiler that has already run; dropping them loses nothing.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log);
      },
      input: {
        seatMap: `${import.meta.dirname}/index.html`,
        playground: `${import.meta.dirname}/playground/index.html`,
      },
    },
  },
});

import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { classicScript } from './classic-script.js';
import { compressedCopies } from './compressed-copies.js';

// Pages are plain files: each key below is one HTML entry, served under the path of its folder.
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  resolve: {
    tsconfigPaths: true,
    alias: [
      {
        find: /^d3-(transition|interpolate)$/,
        replacement: path.resolve(import.meta.dirname, '../../packages/seat-map/src/map/no-transitions.ts'),
      },
    ],
  },
  plugins: [
    react(),
    classicScript(`${import.meta.dirname}/index.html`, `${import.meta.dirname}/browser-check.js`),
    compressedCopies(),
  ],
  build: {
    outDir: '../../dist/web', // relative to src/web, as a relative --outDir is too
    emptyOutDir: true,
    // Browsers since spring 2023. In older ones browser-check.js shows a message.
    target: ['chrome111', 'edge111', 'firefox114', 'safari16.4'],
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 5000, // the playground's editor is one large chunk, loaded by that page alone
    rolldownOptions: {
      onLog(level, log, report) {
        // GraphiQL's files carry directives for a compiler that has already run; they can be dropped.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log);
      },
      input: {
        seatMap: `${import.meta.dirname}/index.html`,
        playground: `${import.meta.dirname}/playground/index.html`,
      },
    },
  },
});

import { defineConfig } from 'vite';

/** What the application that uses the package provides. */
const PROVIDED = /^(graphql|graphql-ws|react|react-dom)($|\/)/;

export default defineConfig({
  root: import.meta.dirname,
  build: {
    target: 'es2022',
    minify: false, // the application's own build does that
    sourcemap: true,
    lib: {
      entry: { core: 'src/core/index.ts' },
      formats: ['es'],
    },
    rolldownOptions: { external: PROVIDED },
  },
});

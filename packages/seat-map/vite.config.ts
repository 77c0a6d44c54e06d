import { defineConfig } from 'vite';

// Whatever the shell says: with another value, the JSX needs the runtime for development.
process.env.NODE_ENV = 'production';

/** What npm installs beside the package: its own dependencies, and what the application provides. */
const PROVIDED = /^(graphql|graphql-ws|react|react-dom|d3-selection|d3-zoom)($|\/)/;

export default defineConfig({
  root: import.meta.dirname,
  build: {
    target: 'es2022',
    minify: false, // the application's own build does that
    sourcemap: true,
    lib: {
      entry: {
        core: 'src/core/index.ts',
        'check-out': 'src/check-out/index.ts',
        documents: 'src/core/documents.ts',
        event: 'src/event/index.ts',
        map: 'src/map/index.ts',
        react: 'src/react/index.ts',
      },
      formats: ['es'],
      cssFileName: 'style',
    },
    rolldownOptions: {
      external: PROVIDED,
      output: {
        chunkFileNames: 'shared/[name].js',
        // For frameworks with server components, such as Next.js: these are hooks and components of the browser.
        banner: ({ name }) => (name === 'react' ? "'use client';" : ''),
      },
    },
  },
});

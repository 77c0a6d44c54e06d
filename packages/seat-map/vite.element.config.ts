import { defineConfig } from 'vite';

// Whatever the shell says: with another value, the JSX needs the runtime for development.
process.env.NODE_ENV = 'production';

// The element is one file with everything in it. Preact runs the React components.
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  resolve: {
    alias: [
      { find: /^react\/jsx-runtime$/, replacement: 'preact/jsx-runtime' },
      { find: /^react$/, replacement: `${import.meta.dirname}/src/element/react.ts` },
      {
        find: /^d3-(transition|interpolate)$/,
        replacement: `${import.meta.dirname}/src/map/no-transitions.ts`,
      },
    ],
  },
  plugins: [
    {
      // The element has its styles in its shadow root.
      name: 'no-style-sheet',
      generateBundle: {
        order: 'post',
        handler(_options, bundle) {
          for (const file of Object.keys(bundle)) if (file.endsWith('.css')) delete bundle[file];
        },
      },
    },
  ],
  build: {
    target: 'es2022',
    modulePreload: false,
    emptyOutDir: false,
    sourcemap: true,
    lib: { entry: { element: 'src/element/index.ts' }, formats: ['es'] },
    rolldownOptions: {
      preserveEntrySignatures: 'allow-extension',
      // Vite itself leaves the white space of libraries.
      output: { minify: true, chunkFileNames: 'element-[name].js' },
    },
  },
});

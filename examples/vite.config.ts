import { defineConfig } from 'vite';

// An application of your own needs nothing of this: here `seat-map` is the package's sources.
export default defineConfig({ base: './', resolve: { tsconfigPaths: true } });

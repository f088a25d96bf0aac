import { defineConfig } from 'vite';

// The door embeds what is built here, and reads the names of its files from the manifest.
export default defineConfig({
  publicDir: false,
  build: {
    outDir: 'dist/app',
    emptyOutDir: true,
    manifest: 'manifest.json',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200, // MapLibre is 1.1 MB before compression, and comes after the page
    rolldownOptions: { input: 'src/main.ts', checks: { pluginTimings: false } },
  },
  worker: { format: 'es' },
});

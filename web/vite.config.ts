import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** During development the doors are those of a server started beside this one. */
const server = 'http://127.0.0.1:4321'

export default defineConfig({
  root: here('.'),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: here('../dist/web'),
    emptyOutDir: true,
    // The content security policy allows this origin only, so nothing may become a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
    cssTarget: ['chrome123', 'safari17.5', 'firefox120'],
    rolldownOptions: { input: { console: here('index.html'), demo: here('demo.html') } },
  },
  server: { proxy: { '/v1': { target: server, ws: true } } },
})

import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { widget } from './widget/build.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** During development the doors are those of a server started beside this one. */
const server = 'http://127.0.0.1:4321'

const oxc = { jsx: { runtime: 'automatic', importSource: 'preact' } } as const
const target = 'es2023'
const cssTarget = ['chrome123', 'safari17.5', 'firefox120']

export default defineConfig({
  root: here('.'),
  oxc,
  plugins: [widget({ oxc, build: { target, cssTarget } })],
  build: {
    outDir: here('../dist/web'),
    emptyOutDir: true,
    // The content security policy allows this origin only, so nothing may become a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target,
    cssTarget,
    rolldownOptions: { input: { console: here('index.html'), demo: here('demo.html'), desk: here('desk.html') } },
  },
  server: { proxy: { '/v1': { target: server, ws: true } } },
})

/**
 * How `widget.js` is made: beside the pages, in the same build. One classic script with its styles inside, since a page has
 * one tag for it, and a compressed copy for servers that send what is there.
 */
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'vite'
import type { InlineConfig, Plugin, UserConfig } from 'vite'

type Shared = Pick<UserConfig, 'oxc'> & { readonly build: Pick<NonNullable<UserConfig['build']>, 'target' | 'cssTarget'> }

/** Adds `widget.js` to a build of the pages, and serves it while they are worked on. */
export function widget(shared: Shared): Plugin {
  let outDir = ''
  let isBuild = false
  return {
    name: 'battuta-widget',
    configResolved(config) {
      outDir = config.build.outDir
      isBuild = config.command === 'build'
    },
    configureServer(server) {
      server.middlewares.use('/widget.js', (_request, response, next) => {
        script(shared).then((code) => response.setHeader('content-type', 'text/javascript').end(code), next)
      })
    },
    async closeBundle() {
      if (isBuild) await build({ ...settings(shared), build: { ...settings(shared).build, outDir, emptyOutDir: false, write: true } })
    },
  }
}

async function script(shared: Shared): Promise<string> {
  const built = await build(settings(shared))
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((one) => ('output' in one ? one.output : []))
  return outputs.find((file) => file.type === 'chunk')?.code ?? ''
}

function settings(shared: Shared): InlineConfig {
  return {
    configFile: false,
    logLevel: 'error',
    ...(shared.oxc === undefined ? {} : { oxc: shared.oxc }),
    plugins: [stylesInside(), compressedBeside()],
    build: {
      ...shared.build,
      write: false,
      copyPublicDir: false,
      cssCodeSplit: false,
      modulePreload: false,
      rolldownOptions: {
        input: fileURLToPath(new URL('./main.tsx', import.meta.url)),
        output: { format: 'iife', entryFileNames: 'widget.js' },
      },
    },
  }
}

/** Puts the sheet into the script. In a shadow there is no `:root`, so the tokens stand on the widget's own. */
function stylesInside(): Plugin {
  return {
    name: 'battuta-widget-styles',
    enforce: 'post',
    generateBundle(_options, bundle) {
      let styles = ''
      for (const [name, file] of Object.entries(bundle)) {
        if (file.type !== 'asset' || !name.endsWith('.css')) continue
        styles += String(file.source)
        delete bundle[name]
      }
      for (const file of Object.values(bundle)) {
        if (file.type !== 'chunk') continue
        const text = JSON.stringify(styles.replaceAll(':root', '.battuta').trim())
        file.code = file.code.replace(/\bBATTUTA_STYLES\b/, () => text)
      }
    },
  }
}

function compressedBeside(): Plugin {
  return {
    name: 'battuta-widget-compressed',
    enforce: 'post',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== 'chunk') continue
        this.emitFile({ type: 'asset', fileName: `${file.fileName}.gz`, source: gzipSync(file.code, { level: constants.Z_BEST_COMPRESSION }) })
        this.emitFile({ type: 'asset', fileName: `${file.fileName}.br`, source: brotliCompressSync(file.code) })
      }
    },
  }
}

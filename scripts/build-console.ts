/**
 * `npm run build:console`: builds packages/console into packages/console/dist. `npm ci` runs it too (`prepare`). Without the development
 * dependencies it builds nothing, and `/console` says so.
 */
import { fileURLToPath } from 'node:url'

const vite = await import('vite').catch(() => null)
if (vite === null) {
  process.stdout.write('The console is not built, because the development dependencies are not installed.\n')
} else {
  await vite.build({
    configFile: fileURLToPath(new URL('../packages/console/vite.config.ts', import.meta.url)),
    logLevel: 'error',
  })
}

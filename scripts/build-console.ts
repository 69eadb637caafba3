/**
 * `npm run build:console`: builds packages/console into packages/console/dist. `npm ci` runs it too (`prepare`). Without the development
 * dependencies it builds nothing, and says so. `/console` then serves an earlier build, or says how to build it.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../packages/console/', import.meta.url))
const vite = await import('vite').catch(() => null)
if (vite === null) {
  const kept = existsSync(`${folder}dist/index.html`)
    ? 'The console of an earlier build stays.'
    : 'Everything else works. Run "npm ci" without --omit=dev to build it.'
  process.stdout.write(`The console is not built, because the development dependencies are not installed. ${kept}\n`)
} else {
  await vite.build({
    configFile: `${folder}vite.config.ts`,
    logLevel: 'error',
  })
}

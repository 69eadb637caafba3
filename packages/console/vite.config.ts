import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/console/',
  build: {
    target: 'es2023',
    // The CSP allows no data URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The licences of the packages that the bundle contains.
    license: { fileName: 'licences.md' },
  },
})

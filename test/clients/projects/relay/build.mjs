/** Bundles the program, as applications with Relay are: its plugin of Babel replaces documents by what the compiler generates. */
import { transformFileAsync } from '@babel/core'
import { build } from 'esbuild'

const relay = {
  name: 'relay',
  setup({ onLoad }) {
    onLoad({ filter: /src\/\w+\.ts$/ }, async ({ path }) => {
      const result = await transformFileAsync(path, {
        presets: [['@babel/preset-typescript', { rewriteImportExtensions: false }]],
        plugins: [['relay', { eagerEsModules: true, isDevVariable: undefined }]],
      })
      return { contents: result?.code ?? '', loader: 'js' }
    })
  },
}
await build({
  entryPoints: ['src/main.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  outfile: 'main.mjs',
  plugins: [relay],
})

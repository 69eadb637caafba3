/**
 * `npm run codegen`: prints schema/schema.graphql, schema/subgraph.graphql and schema/definition.schema.json, types every document of
 * schema/operations and of the console, and writes the operations of packages/client.
 * `npm run codegen -- --check`: changes nothing and fails when what is committed is not what would be written.
 * Needs no database and no environment.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CodegenConfig, generate } from '@graphql-codegen/cli'
import { printSchema } from 'graphql'
import { clientFiles } from './scripts/generate-client.ts'
import { definitionJsonSchema } from './src/catalog/definition/definition-json-schema.ts'
import { buildSubgraph, printSubgraph } from './src/graphql/federation.ts'
import { buildSchema } from './src/graphql/schema.ts'

const root = fileURLToPath(new URL('.', import.meta.url))
const schemaFile = `${root}schema/schema.graphql`
const schema = buildSchema()
const sdl = `${printSchema(schema)}\n`
/** The subgraph of LATCHKEY_FEDERATION=User.id. */
const product = { name: 'User', key: 'id' }

/** Types the documents of a folder. */
const typed = (documents: string[], folder: string): CodegenConfig => ({
  cwd: root,
  schema: sdl,
  documents,
  silent: true,
  generates: {
    [folder]: {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        importExtension: '.ts',
        emitLegacyCommonJSImports: false,
        scalars: { Cursor: 'string', DateTime: 'string', JSON: 'unknown', Secret: 'string', ID: 'string' },
        strictScalars: true,
        defaultScalarType: 'unknown',
        avoidOptionals: { field: true },
      },
    },
  },
})

const outputs: { filename: string; content: string }[] = [
  ...(await generate(typed(['schema/operations/*.graphql'], 'schema/generated/'), false)),
  ...(await generate(typed(['packages/console/src/*.graphql'], 'packages/console/src/generated/'), false)),
]
// The documents of a page are a module of their own, so that a browser loads them with the page.
for (const page of await readdir(`${root}packages/console/src/pages`)) {
  const folder = `packages/console/src/pages/${page}`
  const documents = ['packages/console/src/fragments.graphql', `${folder}/operations.graphql`]
  if (!existsSync(`${root}${folder}/operations.graphql`)) continue
  outputs.push(...(await generate(typed(documents, `${folder}/generated/`), false)))
}
const files = [
  { filename: schemaFile, content: sdl },
  { filename: `${root}schema/subgraph.graphql`, content: printSubgraph(buildSubgraph(product), product) },
  {
    filename: `${root}schema/definition.schema.json`,
    content: `${JSON.stringify(definitionJsonSchema(), null, 2)}\n`,
  },
  ...clientFiles(schema).map(({ filename, content }) => ({ filename: root + filename, content })),
  ...outputs.map(({ filename, content }) => ({
    filename: filename.startsWith('/') ? filename : root + filename,
    content,
  })),
]

if (process.argv.includes('--check')) {
  const stale: string[] = []
  for (const { filename, content } of files) {
    if ((await readFile(filename, 'utf8').catch(() => null)) !== content) stale.push(filename.slice(root.length))
  }
  if (stale.length > 0) {
    process.stderr.write(
      `Not in step with the source: ${stale.join(', ')}. Run npm run codegen and commit what it writes.\n`,
    )
    process.exitCode = 1
  }
} else {
  for (const { filename, content } of files) {
    await mkdir(dirname(filename), { recursive: true })
    await writeFile(filename, content)
  }
  process.stdout.write(`Wrote ${files.map(({ filename }) => filename.slice(root.length)).join(', ')}.\n`)
}

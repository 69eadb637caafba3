/**
 * `npm run build:server`: compiles src into dist, for the npm package. `npm pack` runs it too (`prepack`). Each file of src becomes one
 * file of dist at the same place, so that relative paths are those of src. The packages of packages/bundled become dist/vendor, and
 * dist/licences.md has their licences. The packages in `dependencies` and `optionalDependencies` stay imports.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { isBuiltin, stripTypeScriptTypes } from 'node:module'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'
import { type OutputChunk, type Plugin, rolldown } from 'rolldown'
import { parseSync } from 'rolldown/utils'
import { isAllowed } from './licences.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const source = join(root, 'src')
const target = join(root, 'dist')
/** Files and folders that the server serves as they are. */
const READ_AS_THEY_ARE = ['client/connect.js', 'catalog/generated/logos']

const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const installed = Object.keys({ ...dependencies, ...optionalDependencies })
const isInstalled = (specifier: string) =>
  installed.some((name) => specifier === name || specifier.startsWith(`${name}/`))

/** The names that src imports from the modules of bundled packages, by specifier. */
type Uses = Map<string, Set<string>>

async function build(): Promise<void> {
  await rm(target, { recursive: true, force: true })
  const uses: Uses = new Map()
  for (const [file, { code, imports }] of await reachableFiles()) {
    const path = join(target, file.replace(/\.ts$/, '.js'))
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, withPlaces(file, code, imports))
    for (const each of imports) if (isBundled(each.specifier)) await noteUse(uses, each)
  }
  for (const file of READ_AS_THEY_ARE) {
    await mkdir(dirname(join(target, file)), { recursive: true })
    await cp(join(source, file), join(target, file), { recursive: true })
  }
  const chunks = await bundle(uses)
  await writeFile(join(target, 'licences.md'), describeLicences(bundledPackages(chunks)))
}

interface CompiledFile {
  code: string
  imports: Import[]
}

/** What `main.ts` and the providers import, directly or not, without types. Providers are loaded by name. */
async function reachableFiles(): Promise<ReadonlyMap<string, CompiledFile>> {
  const providers = (await readdir(join(source, 'catalog/providers'))).map((name) => `catalog/providers/${name}`)
  const files = new Map<string, CompiledFile>()
  const visit = async (file: string): Promise<void> => {
    if (files.has(file)) return
    const compiled = compile(file, await readFile(join(source, file), 'utf8'))
    files.set(file, compiled)
    for (const { specifier } of compiled.imports) {
      if (specifier.startsWith('.')) await visit(posix.join(posix.dirname(file), specifier))
    }
  }
  for (const file of ['main.ts', ...providers]) await visit(file)
  return files
}

function compile(file: string, typed: string): CompiledFile {
  // As Node does it in a clone: lines stay where they are.
  const code = stripTypeScriptTypes(typed).replaceAll(/[ \t]+$/gm, '')
  return { code, imports: importsOf(file, code) }
}

/** One name that a file imports from a module, or the whole module. */
interface Import {
  /** Place of the specifier in the code, with its quotes. */
  start: number
  end: number
  specifier: string
  /** Null: all names. Undefined: none, for its side effects. */
  name: string | null | undefined
}

function importsOf(file: string, code: string): Import[] {
  const { staticImports, staticExports, dynamicImports } = parseSync(`${file}.js`, code).module
  const nameOf = ({ kind, name }: { kind: string; name?: string | null | undefined }) =>
    kind === 'Default' ? 'default' : kind === 'Name' ? name : null
  const imports: Import[] = []
  for (const { moduleRequest, entries } of staticImports) {
    const { value: specifier, start, end } = moduleRequest
    if (entries.length === 0) imports.push({ specifier, start, end, name: undefined })
    for (const { importName } of entries) imports.push({ specifier, start, end, name: nameOf(importName) })
  }
  for (const { moduleRequest, importName } of staticExports.flatMap(({ entries }) => entries)) {
    if (moduleRequest == null) continue
    const { value: specifier, start, end } = moduleRequest
    imports.push({ specifier, start, end, name: nameOf(importName) })
  }
  for (const { moduleRequest } of dynamicImports) {
    const { start, end } = moduleRequest
    // Others are imports of files that an operator names.
    const literal = /^(["'])([^"'`]*)\1$/.exec(code.slice(start, end))?.[2]
    if (literal !== undefined) imports.push({ specifier: literal, start, end, name: null })
  }
  return imports
}

async function noteUse(uses: Uses, { specifier, name }: Import): Promise<void> {
  const names = uses.get(specifier) ?? new Set()
  uses.set(specifier, names)
  // Only Node knows all names that it finds in a module of CommonJS.
  const all = name === null ? Object.keys(await import(specifier)).filter((each) => each !== 'module.exports') : []
  for (const each of all) names.add(each)
  if (name != null) names.add(name)
}

/** The code of a file with its imports as they are in dist. */
function withPlaces(file: string, code: string, imports: readonly Import[]): string {
  const places = [...new Map(imports.map((each) => [each.start, each])).values()].sort((a, b) => b.start - a.start)
  return places.reduce(
    (text, { start, end, specifier }) =>
      text.slice(0, start) + JSON.stringify(placeOf(specifier, file)) + text.slice(end),
    code,
  )
}

function isBundled(specifier: string): boolean {
  return !specifier.startsWith('.') && !isBuiltin(specifier) && !isInstalled(specifier)
}

/** How a compiled file imports what its source imports as `specifier`. */
function placeOf(specifier: string, file: string): string {
  if (specifier.startsWith('.')) return specifier.replace(/\.ts$/, '.js')
  if (!isBundled(specifier)) return specifier
  const path = relative(dirname(file), `vendor/${vendorName(specifier)}.js`).replaceAll('\\', '/')
  return path.startsWith('.') ? path : `./${path}`
}

/** The name of a file in dist/vendor. */
function vendorName(specifier: string): string {
  return specifier
    .replace(/^@/, '')
    .replaceAll('/', '-')
    .replace(/\.m?js$/, '')
}

/** Writes one file for each module that src imports, and chunks that they share. */
async function bundle(uses: Uses): Promise<OutputChunk[]> {
  const build = await rolldown({
    cwd: root,
    input: Object.fromEntries([...uses.keys()].map((specifier) => [vendorName(specifier), entryId(specifier)])),
    platform: 'node',
    external: isInstalled,
    plugins: [entryModules(uses), compressGraphiQL()],
    onLog: (level, log, handle) => {
      // A name that src imports and the package does not export would be undefined when it runs.
      if (log.code === 'IMPORT_IS_UNDEFINED' || log.code === 'MISSING_EXPORT') throw new Error(log.message)
      if (level === 'warn' && log.code !== 'EVAL' && log.code !== 'CIRCULAR_DEPENDENCY') handle(level, log)
    },
  })
  const { output } = await build.write({
    dir: join(target, 'vendor'),
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'shared/[name].js',
    // Classes and functions of libraries are recognised by their names, such as those of errors.
    keepNames: true,
    comments: { legal: true, annotation: false, jsdoc: false },
  })
  await build.close()
  return output.filter((each) => each.type === 'chunk')
}

/** An entry is a module that Node would load (`.mjs`), so that CommonJS is imported as Node does it. */
const ENTRY_FOLDER = join(root, 'dist/vendor-entries/')

function entryId(specifier: string): string {
  return `${ENTRY_FOLDER}${specifier}.mjs`
}

function entryModules(uses: Uses): Plugin {
  const specifierOf = (id: string) => id.slice(ENTRY_FOLDER.length, -'.mjs'.length)
  return {
    name: 'entry-modules',
    resolveId(id, importer) {
      if (id.startsWith(ENTRY_FOLDER)) return id
      // As if src imported it.
      if (importer?.startsWith(ENTRY_FOLDER)) return this.resolve(id, join(source, 'main.ts'), { skipSelf: true })
      return null
    },
    load(id) {
      if (!id.startsWith(ENTRY_FOLDER)) return null
      const specifier = specifierOf(id)
      return `export { ${[...(uses.get(specifier) ?? [])].join(', ')} } from ${JSON.stringify(specifier)}`
    },
  }
}

/** The page of GraphiQL is 9 MB of text in a module. Compressed it is a fifth of that, and it is read when somebody opens it. */
function compressGraphiQL(): Plugin {
  return {
    name: 'compress-graphiql',
    async load(id) {
      if (!/render-graphiql[\\/]esm[\\/]graphiql\.js$/.test(id)) return null
      const texts: Record<string, string> = { ...(await import(pathToFileURL(id).href)) }
      const params = { [constants.BROTLI_PARAM_QUALITY]: 9 }
      const compressed = brotliCompressSync(JSON.stringify(texts), { params })
      this.emitFile({ type: 'asset', fileName: 'graphiql.json.br', source: compressed })
      return `import { readFileSync } from 'node:fs'
import { brotliDecompressSync } from 'node:zlib'
const texts = JSON.parse(brotliDecompressSync(readFileSync(new URL('./graphiql.json.br', import.meta.url))).toString())
export const { ${Object.keys(texts).join(', ')} } = texts`
    },
  }
}

interface BundledPackage {
  name: string
  version: string
  licence: string
  /** Texts of its licence files. */
  texts: string[]
}

function bundledPackages(chunks: readonly OutputChunk[]): BundledPackage[] {
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds).filter((id) => id.includes('/node_modules/'))
  const packages = [...new Set(modules.map(packageFolder))].map(describePackage)
  const byName = new Map(packages.map((each) => [`${each.name} ${each.version}`, each]))
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The folder of the package that a module belongs to. */
function packageFolder(id: string): string {
  const at = id.lastIndexOf('/node_modules/') + '/node_modules/'.length
  const parts = id.slice(at).split('/')
  return id.slice(0, at) + parts.slice(0, parts[0]?.startsWith('@') ? 2 : 1).join('/')
}

function describePackage(folder: string): BundledPackage {
  const { name, version, license = 'unknown' } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (!isAllowed(license)) throw new Error(`${name} ${version} has the licence ${license}, which is not allowed.`)
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file))
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim())
  return { name, version, licence: license, texts }
}

function describeLicences(packages: readonly BundledPackage[]): string {
  const sections = packages.map(({ name, version, licence, texts }) =>
    [`## ${name} ${version} (${licence})`, ...texts.map((text) => `\`\`\`\`text\n${text}\n\`\`\`\``)].join('\n\n'),
  )
  return `# Licences of the packages in dist/vendor\n\n${sections.join('\n\n')}\n`
}

await build()

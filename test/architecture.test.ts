import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const source = fileURLToPath(new URL('../src/', import.meta.url))

/** A file may import from its own layer and from those below it in this list. */
const LAYERS = [
  ['main.ts'],
  ['app.ts', 'cli'],
  ['sandbox'],
  ['http'],
  ['graphql'],
  ['webhooks'],
  ['connecting', 'tools'],
  ['deletion'],
  ['connections'],
  ['sync'],
  ['requests'],
  ['credentials'],
  ['auth'],
  ['wire'],
  ['access'],
  ['events'],
  ['vault'],
  ['catalog'],
  ['db'],
  ['egress'],
  ['config.ts'],
  ['kit'],
]
const ALONE = 'client'

interface SourceFile {
  /** Relative to src, with forward slashes. */
  path: string
  text: string
  /** Import specifiers, as written. */
  imports: string[]
}

const files: SourceFile[] = []
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-architecture-'))
  for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
    const path = relative(source, join(entry.parentPath, entry.name)).replaceAll('\\', '/')
    if (!entry.isFile() || !path.endsWith('.ts') || path.includes('generated/')) continue
    const text = await readFile(join(source, path), 'utf8')
    files.push({ path, text, imports: importsOf(text) })
  }
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** Specifiers of all imports: of values and types, for side effects, dynamic, and re-exports. */
function importsOf(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
  const statements = /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm
  const effects = /^\s*import\s*['"]([^'"]+)['"]/gm
  const dynamic = /\bimport\(\s*['"]([^'"]+)['"]/g
  return [statements, effects, dynamic].flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ''))
}

/** Path of an imported file, relative to src; null for a package. */
function target(file: SourceFile, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null
  return relative(source, resolve(source, dirname(file.path), specifier)).replaceAll('\\', '/')
}

/** Index of a path's layer; -1 when it is in none. */
function layerOf(path: string): number {
  const [top = ''] = path.split('/')
  return LAYERS.findIndex((names) => names.includes(top))
}

/** Lines that match the pattern, in files that are not allowed to contain it. */
function matchesOutside(allowed: (file: SourceFile) => boolean, pattern: RegExp): string[] {
  return files
    .filter((file) => !allowed(file))
    .flatMap(({ path, text }) => {
      const lines = text.split('\n')
      return lines.flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : []))
    })
}

describe('the layers', () => {
  it('are determined from every form of import', () => {
    const text = [
      "import { a } from './a.ts'",
      "import type { B } from './b.ts'",
      "import c, {\n  type D,\n} from './c.ts'",
      "import * as e from './e.ts'",
      "import './f.ts'",
      "export { g } from './g.ts'",
      "export type { H } from './h.ts'",
      "const i = await import('./i.ts')",
      "// import { no } from './comment.ts'",
      "/* import './comment.ts' */",
    ].join('\n')
    expect(importsOf(text).sort()).toEqual(
      ['a', 'b', 'c', 'e', 'f', 'g', 'h', 'i'].map((name) => `./${name}.ts`).sort(),
    )
  })

  it('contain every file', () => {
    const outside = files.map(({ path }) => path).filter((path) => layerOf(path) < 0 && !path.startsWith(`${ALONE}/`))
    expect(outside).toEqual([])
    expect(files.length).toBeGreaterThan(100)
  })

  it('import down only', () => {
    const upward = files.flatMap((file) =>
      file.imports.flatMap((specifier) => {
        const to = target(file, specifier)
        if (to === null || file.path.startsWith(`${ALONE}/`) || layerOf(to) >= layerOf(file.path)) return []
        return [`${file.path} imports ${to}`]
      }),
    )
    expect(upward).toEqual([])
  })

  it('have no import cycle', () => {
    const known = new Set(files.map(({ path }) => path))
    const importsOfFile = new Map(
      files.map((file) => [
        file.path,
        file.imports.map((specifier) => target(file, specifier)).filter((to) => to !== null && known.has(to)),
      ]),
    )
    const done = new Set<string>()
    const cycles: string[] = []
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '))
      if (trail.includes(path) || done.has(path)) return
      for (const to of importsOfFile.get(path) ?? []) visit(to ?? '', [...trail, path])
      done.add(path)
    }
    for (const { path } of files) visit(path, [])
    expect(cycles).toEqual([])
  })

  it('import nothing from outside src and nothing from the published client', () => {
    const outside = files.flatMap((file) =>
      file.imports.flatMap((specifier) => {
        const to = target(file, specifier)
        const fromClient = file.path.startsWith(`${ALONE}/`)
        if (to === null || (!to.startsWith('../') && to.startsWith(`${ALONE}/`) === fromClient)) return []
        return [`${file.path} imports ${to}`]
      }),
    )
    expect(outside).toEqual([])
  })
})

describe('the code', () => {
  it('reads the environment in config.ts only', () => {
    const readers = new Set(['config.ts'])
    expect(
      matchesOutside(({ path }) => readers.has(path), /\bprocess\s*\.\s*env\b|from 'node:process'|\bprocess\[/),
    ).toEqual([])
  })

  it('sends requests only from egress', () => {
    const sender =
      /^(?:undici|node:https?|node:http2|node:net|node:tls|https?|net|axios|got|node-fetch|@whatwg-node\/fetch)$/
    // Servers, types and address checks send nothing.
    const harmless = new Set([
      'createServer',
      'Server',
      'IncomingMessage',
      'ServerResponse',
      'isIP',
      'isIPv4',
      'isIPv6',
    ])
    const outside = files.flatMap((file) => {
      // The lock connects to a socket in the data folder.
      if (file.path.startsWith('egress/') || file.path === 'db/folder-lock.ts') return []
      return file.imports.flatMap((specifier) => {
        if (!sender.test(specifier)) return []
        const list = new RegExp(`^import (?:type )?\\{([^}]*)\\} from '${specifier}'$`, 'm').exec(file.text)?.[1]
        const names = (list ?? '*').split(',').flatMap((name) => name.trim().replace(/^type /, '') || [])
        const all = names.join(', ')
        return names.every((name) => harmless.has(name)) ? [] : [`${file.path} imports ${all} from ${specifier}`]
      })
    })
    expect(outside).toEqual([])
    const inEgress = ({ path }: SourceFile) => path.startsWith('egress/')
    // Only the global function. Methods named fetch are something else.
    expect(
      matchesOutside(inEgress, /(?<![.\w])(?:await |return |= )(?:globalThis\.)?fetch\(|globalThis\.fetch/),
    ).toEqual([])
  })

  it('has only named exports, and no file that only re-exports', () => {
    expect(matchesOutside(() => false, /^\s*export default\b|\bas default\b|^\s*export \*/)).toEqual([])
    const barrels = files.filter(({ text }) => {
      const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
      const statements = code.replaceAll(/^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"][^'"]+['"]/gm, '')
      return statements.trim() === ''
    })
    expect(barrels.map(({ path }) => path)).toEqual([])
  })

  it('has no side effects when it is imported with an empty environment: no output, no file, no open handle', async () => {
    const modules = files
      .filter(({ path }) => path !== 'main.ts')
      .map(({ path }) => pathToFileURL(join(source, path)).href)
    const program = `for (const file of ${JSON.stringify(modules)}) await import(file)`
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: folder,
      env: {},
      encoding: 'utf8',
      // An open handle would keep the process alive forever.
      timeout: 45_000,
    })
    expect({ status, signal, stdout, stderr }).toEqual({ status: 0, signal: null, stdout: '', stderr: '' })
    expect(await readdir(folder)).toEqual([])
  })
})

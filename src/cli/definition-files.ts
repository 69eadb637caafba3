import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import { isBuiltIn } from '../catalog/catalog.ts'
import type { IntegrationDefinition, Provider } from '../catalog/definition/definition.ts'
import { parseOwnDefinition } from '../connections/integrations.ts'
import { InvalidInputError } from '../kit/errors.ts'
import { readStructuredText, type TextPosition } from '../kit/structured-text.ts'

/** A fault of a definition in a file. Line and column are absent for a fault of the whole file. */
export interface DefinitionFault extends Partial<TextPosition> {
  /** Place in the definition, such as `streams.0.path`. Empty: the whole file. */
  path: string
  message: string
}

interface ReadDefinition {
  /** Undefined: the file has problems. */
  definition: IntegrationDefinition | undefined
  /** Empty: `createIntegration` accepts the definition. */
  problems: DefinitionFault[]
}

const EXTENSIONS = new Set(['.json', '.yaml', '.yml'])
/** More than any definition may have, in any notation. */
const MAX_BYTES = 4 * 1024 * 1024

/** Whether the name of a file says that it has a definition. */
export function isDefinitionFile(name: string): boolean {
  return EXTENSIONS.has(extname(name))
}

/** Reads the definition in a file and checks it as `createIntegration` does. Rejects when the file cannot be read. */
export async function readDefinitionFile(file: string, customStrategies: CustomStrategies): Promise<ReadDefinition> {
  const faulty = (...problems: DefinitionFault[]) => ({ definition: undefined, problems })
  if ((await stat(file)).size > MAX_BYTES) return faulty({ path: '', message: `is larger than ${MAX_BYTES} bytes` })
  const read = readStructuredText(await readFile(file, 'utf8'), { json: extname(file) === '.json' })
  if ('problems' in read) return faulty(...read.problems.map((problem) => ({ path: '', ...problem })))
  try {
    return { definition: parseOwnDefinition({ customStrategies }, read.value), problems: [] }
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    const problems = error.fields.map(({ path: [_input, _definition, ...path], message }) => {
      return { path: path.join('.'), message, ...read.positionOf(path) }
    })
    return faulty(...problems)
  }
}

/** A fault on one line, in the form that editors lead to: `file:line:column path: message`. */
export function faultLine(file: string, { path, message, line, column }: DefinitionFault): string {
  const place = line === undefined ? file : `${file}:${line}:${column}`
  return path === '' ? `${place} ${message}` : `${place} ${path}: ${message}`
}

/** The folder of providers has files that cannot be used. The message has a line for each fault. */
export class ProvidersFolderError extends Error {
  readonly faults: string[]

  constructor(faults: string[]) {
    super(faults.join('\n'))
    this.faults = faults
  }
}

const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/

/**
 * Reads the providers of `LATCHKEY_PROVIDERS_DIR`: one definition in each file, whose name is the slug.
 * @throws ProvidersFolderError with the faults of all files
 */
export async function loadProviders(folder: string, customStrategies: CustomStrategies): Promise<Provider[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new ProvidersFolderError([`LATCHKEY_PROVIDERS_DIR must be a folder that can be read (${why}): ${folder}`])
  })
  const providers = new Map<string, Provider>()
  const faults: string[] = []
  for (const { name } of entries.filter((entry) => !entry.isDirectory() && isDefinitionFile(entry.name)).sort(byName)) {
    const file = join(folder, name)
    const slug = basename(name, extname(name))
    const problem = slugProblem(slug, providers)
    if (problem !== undefined) faults.push(`${file} ${problem}`)
    const { definition, problems } = await readDefinitionFile(file, customStrategies).catch((error: unknown) => {
      return { definition: undefined, problems: [{ path: '', message: `cannot be read: ${messageOf(error)}` }] }
    })
    faults.push(...problems.map((fault) => faultLine(file, fault)))
    if (definition !== undefined) providers.set(slug, { slug, definition })
  }
  if (faults.length > 0) throw new ProvidersFolderError(faults)
  return [...providers.values()]
}

function byName(one: { name: string }, other: { name: string }): number {
  return one.name < other.name ? -1 : 1
}

function slugProblem(slug: string, known: ReadonlyMap<string, Provider>): string | undefined {
  if (!SLUG.test(slug)) {
    return 'must be named after its slug: at most 63 lower-case letters, digits and hyphens, as in acme-crm.yaml'
  }
  if (isBuiltIn(slug)) {
    return `has the slug of the built-in provider ${slug}. Rename the file, for example to my-${slug}${'.yaml'}`
  }
  return known.has(slug) ? `has the slug ${slug}, which another file has too` : undefined
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

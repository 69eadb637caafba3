import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { parseDocument } from 'yaml'
import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import { CustomStrategyError, loadCustomStrategies } from '../auth/custom/load-custom-strategies.ts'
import { parseOwnDefinition } from '../connections/integrations.ts'
import { InvalidInputError } from '../kit/errors.ts'
import { jsonLine, reportFailure } from './output.ts'

interface CheckOptions {
  json: boolean
  /** Folder of the custom strategies that definitions may name. Undefined: none. */
  strategiesDir: string | undefined
}

interface Fault {
  /** Place in the definition, such as `streams.0.path`. Empty: the whole file. */
  path: string
  message: string
}

interface CheckedFile {
  file: string
  /** Empty: `createIntegration` accepts the definition. */
  problems: Fault[]
}

const EXTENSIONS = new Set(['.json', '.yaml', '.yml'])
/** More than any definition may have, in any notation. */
const MAX_BYTES = 4 * 1024 * 1024

/**
 * `latchkey check`: checks definitions in files, and in folders with their sub-folders, as `createIntegration` does. Prints one line
 * for each file and for each of its faults.
 * @returns the exit code: 1 when a definition has a fault, or when there is none to check
 */
export async function runCheck(paths: readonly string[], { json, strategiesDir }: CheckOptions): Promise<number> {
  try {
    const strategies = strategiesDir === undefined ? new Map() : await loadCustomStrategies(strategiesDir)
    const files: CheckedFile[] = []
    for (const path of paths) {
      for (const file of await definitionFiles(path)) files.push({ file, problems: await checkFile(file, strategies) })
    }
    const ok = files.every(({ problems }) => problems.length === 0)
    process.stdout.write(json ? jsonLine({ ok, files }) : describeFiles(files))
    return ok ? 0 : 1
  } catch (error) {
    if (error instanceof UnreadableError || error instanceof CustomStrategyError) {
      return reportFailure(error.message, { json })
    }
    throw error
  }
}

/** A path that has nothing to check. */
class UnreadableError extends Error {}

/** The file itself, or all files of definitions in a folder, sorted. @throws UnreadableError */
async function definitionFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    const why = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT' ? 'does not exist' : String(cause)
    throw new UnreadableError(`${path}: ${why}`, { cause })
  })
  if (!found.isDirectory()) return [path]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && EXTENSIONS.has(extname(entry.name)))
  if (files.length === 0) throw new UnreadableError(`${path}: has no files that end in .json, .yaml or .yml`)
  return files.map((entry) => join(entry.parentPath, entry.name)).sort()
}

async function checkFile(file: string, customStrategies: CustomStrategies): Promise<Fault[]> {
  if ((await stat(file)).size > MAX_BYTES) return [{ path: '', message: `is larger than ${MAX_BYTES} bytes` }]
  const read = readNotation(file, await readFile(file, 'utf8'))
  if ('problems' in read) return read.problems
  try {
    parseOwnDefinition({ customStrategies }, read.value)
    return []
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    // Paths of the mutation begin with input.definition.
    return error.fields.map(({ path, message }) => ({ path: path.slice(2).join('.'), message }))
  }
}

function readNotation(file: string, text: string): { value: unknown } | { problems: Fault[] } {
  if (extname(file) === '.json') {
    try {
      return { value: JSON.parse(text) }
    } catch (error) {
      return { problems: [{ path: '', message: `is not JSON: ${error instanceof Error ? error.message : error}` }] }
    }
  }
  const document = parseDocument(text)
  const problems = document.errors.map(({ message }) => ({
    path: '',
    message: `is not YAML: ${message.split('\n')[0]}`,
  }))
  return problems.length > 0 ? { problems } : { value: document.toJS() }
}

function describeFiles(files: readonly CheckedFile[]): string {
  const lines = files.flatMap(({ file, problems }) => [
    `${problems.length === 0 ? 'ok     ' : 'problem'} ${file}`,
    ...problems.map(({ path, message }) => `        ${path === '' ? message : `${path}: ${message}`}`),
  ])
  const wrong = files.filter(({ problems }) => problems.length > 0).length
  const count = files.length === 1 ? '1 definition' : `${files.length} definitions`
  return `${[...lines, `${count}, ${wrong} with problems.`].join('\n')}\n`
}

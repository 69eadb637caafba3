import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CustomStrategyError, loadCustomStrategies } from '../auth/custom/load-custom-strategies.ts'
import { type DefinitionFault, faultLine, isDefinitionFile, readDefinitionFile } from './definition-files.ts'
import { jsonLine, reportFailure } from './output.ts'

interface CheckOptions {
  json: boolean
  /** Folder of the custom strategies that definitions may name. Undefined: none. */
  strategiesDir: string | undefined
}

interface CheckedFile {
  file: string
  /** Empty: `createIntegration` accepts the definition. */
  problems: DefinitionFault[]
}

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
      for (const file of await definitionFiles(path)) {
        const { problems } = await readDefinitionFile(file, strategies)
        files.push({ file, problems })
      }
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
  const files = entries.filter((entry) => entry.isFile() && isDefinitionFile(entry.name))
  if (files.length === 0) throw new UnreadableError(`${path}: has no files that end in .json, .yaml or .yml`)
  return files.map((entry) => join(entry.parentPath, entry.name)).sort()
}

function describeFiles(files: readonly CheckedFile[]): string {
  const lines = files.flatMap(({ file, problems }) => [
    `${problems.length === 0 ? 'ok     ' : 'problem'} ${file}`,
    ...problems.map((fault) => `        ${faultLine(file, fault)}`),
  ])
  const wrong = files.filter(({ problems }) => problems.length > 0).length
  const count = files.length === 1 ? '1 definition' : `${files.length} definitions`
  return `${[...lines, `${count}, ${wrong} with problems.`].join('\n')}\n`
}

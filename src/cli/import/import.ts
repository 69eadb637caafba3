import { readFile, stat } from 'node:fs/promises'
import { stringify } from 'yaml'
import { type ImportReport, refusedImport } from '../../catalog/import/report.ts'

interface ImportOptions {
  json: boolean
}

/** The reports of one source: one, or one for each slug. */
export type ImportReports = ImportReport | Readonly<Record<string, ImportReport>>

/** Larger files are refused before they are read. */
const MAX_BYTES = 16 * 1024 * 1024

/**
 * Runs an importer over a file. With `json`, the report is printed as one object; several are under their slugs in `providers`. Otherwise
 * standard output has the definition in YAML, and standard error what became of each part.
 * @param translate a pure function of the text. The whole text of a source is never part of an error
 * @returns the exit code: 1 when no definition could be made
 */
export async function runImport(
  path: string,
  { json }: ImportOptions,
  translate: (text: string) => ImportReports,
): Promise<number> {
  const reports = await readAndTranslate(path, translate)
  const list = isOne(reports) ? [['', reports] as const] : Object.entries(reports)
  if (json) process.stdout.write(`${JSON.stringify(isOne(reports) ? reports : { providers: reports }, null, 2)}\n`)
  else {
    const definitions = list.flatMap(([slug, { definition }]) => (definition === null ? [] : [[slug, definition]]))
    const [only] = definitions
    if (isOne(reports) && only !== undefined) process.stdout.write(stringify(only[1]))
    else if (definitions.length > 0) process.stdout.write(stringify(Object.fromEntries(definitions)))
    process.stderr.write(list.map(([slug, report]) => describeReport(slug, report)).join(''))
  }
  return list.some(([, { definition }]) => definition !== null) ? 0 : 1
}

async function readAndTranslate(path: string, translate: (text: string) => ImportReports): Promise<ImportReports> {
  const found = await stat(path).catch((error: unknown) => error)
  if (found instanceof Error || !(typeof found === 'object' && found !== null && 'size' in found)) {
    const isAbsent = found instanceof Error && 'code' in found && found.code === 'ENOENT'
    return refusedImport(isAbsent ? `${path} does not exist.` : `${path} cannot be read: ${found}`)
  }
  if (Number(found.size) > MAX_BYTES) return refusedImport(`${path} is larger than ${MAX_BYTES} bytes.`)
  try {
    return translate(await readFile(path, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EISDIR') {
      return refusedImport(`${path} is a folder. Name a file.`)
    }
    throw error
  }
}

function isOne(reports: ImportReports): reports is ImportReport {
  return 'auth' in reports && 'result' in reports.auth
}

function describeReport(slug: string, { auth, streams, actions }: ImportReport): string {
  const head = slug === '' ? '' : `${slug}\n`
  const lines = [
    describePart('auth', auth),
    ...streams.map((part) => describePart(`stream ${part.name}`, part)),
    ...actions.map((part) => describePart(`action ${part.name}`, part)),
  ]
  return `${head}${lines.join('')}`
}

function describePart(subject: string, { result, notes }: ImportReport['auth']): string {
  return `${result.padEnd(8)} ${subject}\n${notes.map((note) => `         ${note}\n`).join('')}`
}

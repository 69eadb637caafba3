/**
 * `npm run measure:imports -- <path>...`: imports every Airbyte manifest below a folder, or every provider of a `providers.yaml` of Nango,
 * and prints how much of them becomes definitions, and the most frequent reasons for what does not. `--list` also prints what is not whole.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { importAirbyte } from '../src/catalog/import/airbyte/import-manifest.ts'
import { importNango } from '../src/catalog/import/nango/nango.ts'
import type { ImportReport } from '../src/catalog/import/report.ts'

/** How many of the manifests and streams are imported. */
export interface Measure {
  manifests: number
  /** The auth is imported, all of it. */
  auth: number
  streams: number
  /** Streams with the same requests and records. */
  imported: number
  /** Streams with the same requests. */
  partly: number
  /** Manifests whose streams all have the same requests. */
  sameRequests: number
  /** Manifests whose streams all have the same requests and records. */
  sameRecords: number
}

/** Adds up reports, one for each manifest. */
export function measure(reports: readonly ImportReport[]): Measure {
  const count = (test: (report: ImportReport) => boolean) => reports.filter(test).length
  const streams = reports.flatMap((report) => report.streams)
  const isMade = ({ definition }: ImportReport) => definition !== null
  return {
    manifests: reports.length,
    auth: count(({ auth }) => auth.result === 'imported'),
    streams: streams.length,
    imported: streams.filter(({ result }) => result === 'imported').length,
    partly: streams.filter(({ result }) => result === 'partly').length,
    sameRequests: count((report) => isMade(report) && report.streams.every(({ result }) => result !== 'refused')),
    sameRecords: count((report) => isMade(report) && report.streams.every(({ result }) => result === 'imported')),
  }
}

/** The notes of what is not imported, the most frequent first. */
function reasons(reports: readonly ImportReport[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const { auth, streams } of reports) {
    const notes = [auth, ...streams].filter(({ result }) => result !== 'imported').flatMap((part) => part.notes)
    // Quoted templates and names differ from one manifest to the next.
    for (const note of new Set(notes.map((text) => text.replaceAll(/"[^"]*"/g, '"…"'))))
      counts.set(note, (counts.get(note) ?? 0) + 1)
  }
  return [...counts].sort(([, one], [, other]) => other - one)
}

/** The manifests below a folder, sorted. */
function manifestsIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
  return files.map((entry) => join(entry.parentPath, entry.name)).sort()
}

/** Prints how much of the manifests below a folder becomes definitions. */
function measureManifests(folder: string): Map<string, ImportReport> {
  const reports = new Map(
    manifestsIn(folder).map((file) => [basename(file), importAirbyte(readFileSync(file, 'utf8'))] as const),
  )
  const { manifests, streams, ...counts } = measure([...reports.values()])
  printShare('auth imported', counts.auth, manifests)
  printShare('streams with the same requests', counts.imported + counts.partly, streams)
  printShare('streams with the same records', counts.imported, streams)
  printShare('manifests whole, with the same requests', counts.sameRequests, manifests)
  printShare('manifests whole, with the same records', counts.sameRecords, manifests)
  return reports
}

/** Prints how many providers of a file of Nango become definitions. */
function measureProviders(file: string): Map<string, ImportReport> {
  const reports = importNango(readFileSync(file, 'utf8'))
  if (isReport(reports)) throw new Error(`${file} has no providers: ${reports.auth.notes.join(' ')}`)
  const results = Object.values(reports).map(({ auth }) => auth.result)
  printShare('providers whole', results.filter((result) => result === 'imported').length, results.length)
  printShare(
    'providers with notes on what differs',
    results.filter((result) => result === 'partly').length,
    results.length,
  )
  return new Map(Object.entries(reports))
}

function isReport(reports: ImportReport | Record<string, ImportReport>): reports is ImportReport {
  return 'auth' in reports && 'result' in reports.auth
}

function printShare(name: string, part: number, whole: number): void {
  const percent = (100 * part) / Math.max(1, whole)
  process.stdout.write(`${name.padEnd(46)} ${String(part).padStart(5)} of ${whole} (${percent.toFixed(1)} %)\n`)
}

function main(): void {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { list: { type: 'boolean' } } })
  if (positionals.length === 0) {
    process.stderr.write('Usage: npm run measure:imports -- <folder with manifests, or providers.yaml>... [--list]\n')
    process.exitCode = 2
    return
  }
  for (const path of positionals) {
    const reports = statSync(path).isDirectory() ? measureManifests(path) : measureProviders(path)
    process.stdout.write('\n    Count  reason\n')
    for (const [note, count] of reasons([...reports.values()]).slice(0, 25))
      process.stdout.write(`${String(count).padStart(9)}  ${note}\n`)
    process.stdout.write('\n')
    if (values.list !== true) continue
    for (const [name, { auth, streams }] of reports) {
      for (const part of [{ name: 'auth', ...auth }, ...streams]) {
        if (part.result !== 'imported')
          process.stdout.write(`${name} ${part.name}: ${part.result}. ${part.notes.join(' ')}\n`)
      }
    }
  }
}

if (import.meta.main) main()

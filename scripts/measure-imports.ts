/**
 * `npm run measure:imports -- <folder>`: imports every Airbyte manifest below a folder and prints how much of them becomes a definition,
 * and the most frequent reasons for what does not. `--list` also prints each manifest that is not whole.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { importAirbyte } from '../src/catalog/import/airbyte/import-manifest.ts'
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

function main(): void {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { list: { type: 'boolean' } } })
  const [folder] = positionals
  if (folder === undefined) {
    process.stderr.write('Usage: npm run measure:imports -- <folder with manifests> [--list]\n')
    process.exitCode = 2
    return
  }
  const reports = manifestsIn(folder).map((file) => ({ file, report: importAirbyte(readFileSync(file, 'utf8')) }))
  const all = reports.map(({ report }) => report)
  const { manifests, streams, ...counts } = measure(all)
  const line = (name: string, part: number, whole: number) =>
    process.stdout.write(
      `${name.padEnd(46)} ${String(part).padStart(5)} of ${whole} (${((100 * part) / Math.max(1, whole)).toFixed(1)} %)\n`,
    )
  line('auth imported', counts.auth, manifests)
  line('streams with the same requests', counts.imported + counts.partly, streams)
  line('streams with the same records', counts.imported, streams)
  line('manifests whole, with the same requests', counts.sameRequests, manifests)
  line('manifests whole, with the same records', counts.sameRecords, manifests)
  process.stdout.write('\nManifests  reason\n')
  for (const [note, count] of reasons(all).slice(0, 25)) process.stdout.write(`${String(count).padStart(9)}  ${note}\n`)
  if (values.list !== true) return
  for (const { file, report } of reports) {
    for (const { name, result, notes } of [{ name: 'auth', ...report.auth }, ...report.streams]) {
      if (result !== 'imported') process.stdout.write(`${basename(file)} ${name}: ${result}. ${notes.join(' ')}\n`)
    }
  }
}

if (import.meta.main) main()

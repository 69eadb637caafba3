import { InvalidInputError } from '../../kit/errors.ts'
import type { TextProblem } from '../../kit/structured-text.ts'
import { parseDefinition } from '../definition/definition.ts'
import { isRecord } from '../template/value.ts'

/**
 * `imported`: Latchkey sends the same requests and stores the same records. `partly`: it sends the same requests, and the notes say what
 * differs. `refused`: it is not in the definition, and the notes say why.
 */
export type ImportResult = 'imported' | 'partly' | 'refused'

/** What became of one part of a source. */
export interface ImportedPart {
  result: ImportResult
  notes: string[]
}

export interface NamedPart extends ImportedPart {
  name: string
}

/** What an importer made of one source: a definition that `createIntegration` accepts, and what became of each part. */
export interface ImportReport {
  /** As JSON. `null`: none could be made, and the notes of `auth` say why. */
  definition: Record<string, unknown> | null
  auth: ImportedPart
  streams: NamedPart[]
  actions: NamedPart[]
}

/** A source that cannot be read, or that is something else than its importer reads. */
export class UnusableSourceError extends Error {
  /** Where and why. Messages begin with the verb: `is not YAML: …`. */
  readonly problems: readonly TextProblem[]

  /** @param problems a text: what the message says */
  constructor(problems: readonly TextProblem[] | string) {
    const list = typeof problems === 'string' ? [{ message: problems }] : problems
    super(list[0]?.message)
    this.problems = list
  }
}

/** Runs an importer. A source that it cannot use has a report that says so. */
export function reportOrRefusal<Report>(translate: () => Report): Report | ImportReport {
  try {
    return translate()
  } catch (error) {
    if (!(error instanceof UnusableSourceError)) throw error
    return refusedImport(
      ...error.problems.map(({ line, message }) => (line === undefined ? message : `Line ${line}: ${message}`)),
    )
  }
}

/** The report about a source from which no definition can be made. */
export function refusedImport(...notes: string[]): ImportReport {
  return { definition: null, auth: { result: 'refused', notes }, streams: [], actions: [] }
}

/** Parts that a definition can do without. A request of the credential does not depend on them. */
const OPTIONAL_PARTS = new Set(['testRequest', 'rateLimit', 'docsUrl', 'categories', 'webhook'])

/**
 * Checks the definition of a report as `createIntegration` does. Streams, actions and optional parts that it does not accept are taken
 * out, and a note says why. When it does not accept the rest, the report has no definition.
 */
export function checkedImport(report: ImportReport): ImportReport {
  let current = report
  // Each round takes out at least one part.
  while (current.definition !== null) {
    const faults = faultsOf(current.definition)
    if (faults.length === 0) return current
    current = withoutFaulty(current, current.definition, faults)
  }
  return current
}

interface Fault {
  path: readonly string[]
  message: string
}

function faultsOf(definition: Record<string, unknown>): readonly Fault[] {
  try {
    parseDefinition(definition)
    return []
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    return error.fields
  }
}

function withoutFaulty(
  report: ImportReport,
  definition: Record<string, unknown>,
  faults: readonly Fault[],
): ImportReport {
  const rest = { ...definition }
  const auth = { ...report.auth, notes: [...report.auth.notes] }
  const next = { ...report, definition: rest, auth }
  for (const list of ['streams', 'actions'] as const) {
    const inList = faults.filter(({ path: [first, index] }) => first === list && index !== undefined)
    const given = definition[list]
    if (inList.length === 0 || !Array.isArray(given)) continue
    const { kept, parts } = withoutItems(given, inList, report[list])
    next[list] = parts
    if (kept.length > 0) rest[list] = kept
    else delete rest[list]
  }
  const others = faults.filter(({ path: [first, index] }) => {
    return !((first === 'streams' || first === 'actions') && index !== undefined)
  })
  for (const { path, message } of others) {
    const [key = ''] = path
    auth.notes.push(`${path.join('.') || 'The definition'} ${message}.`)
    if (OPTIONAL_PARTS.has(key)) delete rest[key]
    else auth.result = 'refused'
  }
  if (auth.result !== 'refused') return next
  const lost = (parts: readonly NamedPart[]): NamedPart[] =>
    parts.map(({ name, notes }) => ({ name, result: 'refused', notes: [...notes, 'There is no definition for it.'] }))
  return { definition: null, auth, streams: lost(next.streams), actions: lost(next.actions) }
}

/** Takes the items with faults out of a list. @param known what the report says about the items so far */
function withoutItems(items: readonly unknown[], faults: readonly Fault[], known: readonly NamedPart[]) {
  const parts = known.map((part) => ({ ...part, notes: [...part.notes] }))
  const kept = items.filter((item, index) => {
    const wrong = faults.filter(({ path }) => path[1] === String(index))
    if (wrong.length === 0) return true
    const name = isRecord(item) && typeof item['name'] === 'string' ? item['name'] : String(index)
    const notes = wrong.map(({ path, message }) => `${path.slice(2).join('.') || 'It'} ${message}.`)
    const part = parts.find((each) => each.name === name && each.result !== 'refused')
    if (part === undefined) parts.push({ name, result: 'refused', notes })
    else Object.assign(part, { result: 'refused', notes: [...part.notes, ...notes] })
    return false
  })
  return { kept, parts }
}

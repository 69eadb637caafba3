import { Worker } from 'node:worker_threads'
import { type ErrorDetails, InvalidInputError, UnavailableError } from '../../kit/errors.ts'
import { createLimiter } from '../../kit/limiter.ts'
import { nearestName } from '../../kit/nearest-name.ts'
import type { TextProblem } from '../../kit/structured-text.ts'
import { threadMs } from '../../kit/thread-ms.ts'
import { translateAirbyte } from './airbyte/import-manifest.ts'
import { importNangoProvider, readNangoProviders } from './nango/nango.ts'
import { translateOpenApi } from './openapi/openapi.ts'
import { type ImportReport, UnusableSourceError } from './report.ts'

// Documents come from callers. A YAML parser needs seconds for a megabyte, and minutes for a hostile one, so documents are read by a
// thread that has limits of time and memory.

export type ImportFormat = 'airbyte' | 'nango' | 'openapi'

export interface ImportedDocument {
  format: ImportFormat
  /** JSON or YAML, of at most `MAX_DOCUMENT_BYTES` in UTF-8. */
  document: string
  /** Slug of the provider of a Nango file. Null: the only one, or none of several. */
  provider: string | null
}

/** What a document became. */
export interface DocumentReport {
  /** Null: the file has several providers, and none was chosen. */
  report: ImportReport | null
  /** The slugs of a Nango file. Empty for other formats. */
  providers: readonly string[]
}

/** A report, or what is wrong with an argument. */
type ImportOutcome =
  | { imported: DocumentReport }
  | { wrong: 'document' | 'provider'; message: string; details?: ErrorDetails }

/** What the thread answers: the outcome, and the processor time of the thread in milliseconds. */
interface ThreadAnswer {
  outcome: ImportOutcome
  ms: number
}

/** What threads have taken, in milliseconds of the processor. */
interface ThreadUsage {
  threadMs: number
}

export interface DocumentImporter {
  /**
   * Translates a document, when those of the same owner before it are done and its turn has come.
   * @param usage to which its time is added, whatever the outcome
   * @throws InvalidInputError for a document that is too large, that exceeds a limit, that cannot be read, or that is something else; for
   * a slug that the file does not have. UnavailableError after `close`
   */
  run(owner: string, source: ImportedDocument, usage: ThreadUsage): Promise<DocumentReport>
  /** Ends what runs. */
  close(): Promise<void>
}

/** A request of the API has at most 1 MiB. In JSON, quotes and line breaks of the document take two bytes. */
export const MAX_DOCUMENT_BYTES = 768 * 1024

interface ImporterOptions {
  /** Processor time of one document, in milliseconds. Default: 15,000, some times what the largest ordinary document takes. */
  withinMs?: number
  /** Memory of one document, in MiB. Default: 512. */
  maxMemoryMb?: number
  /** Documents that are read at once, of all owners. Default: 1, because the other cores have work of their own. */
  atOnce?: number
}

/** How often the time of a thread is read, in milliseconds. */
const POLL_MS = 200
/** How much longer than its processor time a thread may take: the machine may have other work. */
const WAITING_FACTOR = 4

const TOO_COMPLEX = 'takes too long to read. Remove the parts that are not needed, and aliases (*name) of YAML'

export function createDocumentImporter({
  withinMs = 15_000,
  maxMemoryMb = 512,
  atOnce = 1,
}: ImporterOptions = {}): DocumentImporter {
  // An owner has one document at most in the second queue, so that owners take turns.
  const owners = createLimiter(1)
  const all = createLimiter(atOnce)
  const threads = new Set<Worker>()
  let closed = false

  /** Reads a document in a thread of its own. Without an outcome, it has exceeded a limit. */
  function read(source: ImportedDocument): Promise<Partial<ThreadAnswer> & { ms: number }> {
    return new Promise((resolve, reject) => {
      const begunMs = performance.now()
      let ms = 0
      const thread = new Worker(THREAD, {
        eval: true,
        workerData: { module: import.meta.url, source },
        env: {},
        resourceLimits: { maxOldGenerationSizeMb: maxMemoryMb },
      })
      threads.add(thread)
      const timer = setInterval(async () => {
        const passedMs = performance.now() - begunMs
        if (passedMs < withinMs * WAITING_FACTOR) {
          ms = await processorMs(thread, passedMs)
          if (ms < withinMs) return
        }
        await thread.terminate()
      }, POLL_MS)
      thread.once('message', resolve)
      thread.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') resolve({ ms })
        else reject(error)
      })
      thread.once('exit', () => {
        clearInterval(timer)
        threads.delete(thread)
        // Does nothing after an answer.
        resolve({ ms })
      })
    })
  }

  return {
    async run(owner, source, usage) {
      if (Buffer.byteLength(source.document) > MAX_DOCUMENT_BYTES) {
        throw refusal('document', `must have at most ${MAX_DOCUMENT_BYTES} bytes`, { limitBytes: MAX_DOCUMENT_BYTES })
      }
      return owners.run(owner, () =>
        all.run('all', async () => {
          const { outcome, ms } = closed ? { ms: 0 } : await read(source)
          usage.threadMs += ms
          if (closed) throw new UnavailableError('Latchkey is stopping. Try again.')
          if (outcome === undefined) throw refusal('document', TOO_COMPLEX)
          if ('wrong' in outcome) throw refusal(outcome.wrong, outcome.message, outcome.details)
          return outcome.imported
        }),
      )
    },
    async close() {
      closed = true
      await Promise.all([...threads].map((thread) => thread.terminate()))
    },
  }
}

/** The processor time of a thread. Node has it since 24.6; before, and once the thread has ended, the time that has passed. */
async function processorMs(thread: Worker, passedMs: number): Promise<number> {
  const usage = await thread.cpuUsage?.().catch(() => undefined)
  return usage === undefined ? passedMs : (usage.user + usage.system) / 1_000
}

/** The thread: loads this file, and answers with what `answerInThread` returns. */
const THREAD = `
const { parentPort, workerData: { module, source } } = require('node:worker_threads')
import(module).then(({ answerInThread }) => parentPort.postMessage(answerInThread(source)))
`

function refusal(argument: 'document' | 'provider', message: string, details?: ErrorDetails): InvalidInputError {
  return new InvalidInputError([{ path: ['input', argument], message }], undefined, details && { details })
}

/** Translates a document. It takes as long as the document makes it take, so that only the thread calls it. */
export function answerInThread(source: ImportedDocument): ThreadAnswer {
  const outcome = importDocument(source)
  return { outcome, ms: threadMs() }
}

function importDocument({ format, document, provider }: ImportedDocument): ImportOutcome {
  if (provider !== null && format !== 'nango') {
    return { wrong: 'provider', message: 'is for the format NANGO only' }
  }
  try {
    if (format === 'nango') return importOneOf(readNangoProviders(document), provider)
    const report = format === 'airbyte' ? translateAirbyte(document) : translateOpenApi(document)
    return { imported: { report, providers: [] } }
  } catch (error) {
    if (error instanceof UnusableSourceError) return unusable(error)
    // The stack ends at some thousand levels.
    if (error instanceof RangeError) return { wrong: 'document', message: 'is nested too deeply' }
    throw error
  }
}

function importOneOf(providers: Readonly<Record<string, unknown>>, chosen: string | null): ImportOutcome {
  const slugs = Object.keys(providers)
  const slug = chosen ?? (slugs.length === 1 ? slugs[0] : undefined)
  if (slug === undefined) return { imported: { report: null, providers: slugs } }
  if (Object.hasOwn(providers, slug)) {
    return { imported: { report: importNangoProvider(slug, providers), providers: slugs } }
  }
  const message = 'names no provider of the document'
  const meant = nearestName(slug, slugs) ?? slugs.find((each) => each.startsWith(slug) || slug.startsWith(each))
  if (meant === undefined) return { wrong: 'provider', message }
  return { wrong: 'provider', message: `${message}. Did you mean ${meant}?`, details: { suggestion: meant } }
}

function unusable({ problems }: UnusableSourceError): ImportOutcome {
  const [first] = problems
  const { line, column, message = '' }: Partial<TextProblem> = first ?? {}
  const place = line === undefined ? '' : ` (line ${line}, column ${column})`
  const details = line === undefined ? {} : { details: { line, column } }
  return { wrong: 'document', message: `${message.replace(/\.$/, '')}${place}`, ...details }
}

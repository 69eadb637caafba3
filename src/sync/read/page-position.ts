import { z } from 'zod'
import { parseJson, stringifyJson } from '../../kit/json.ts'

/** Where a page begins, depending on the stream's pagination. */
export type PagePosition =
  | { kind: 'first' }
  /** The complete URL of the page, without credentials. */
  | { kind: 'url'; url: string }
  /** JSON of the cursor from the previous page. */
  | { kind: 'cursor'; json: string }
  | { kind: 'page'; page: number }
  | { kind: 'offset'; offset: number }

/** What was read of a list before a position. In a sub-stream each parent has a list of its own. */
export interface ListSoFar {
  /** Number of records, without those of pages that repeated the page before them. */
  read: number
  /** The total that the source stated last; null: none. */
  total: number | null
  /** Number of records of the last page. */
  last: number
  /** Number of records of the largest page. */
  largest: number
  /** Digest of the records of the last page. */
  digest: string
  /** How many pages in a row repeated the page before them, up to the last page. */
  repeats: number
  /** Number of pages in a row without records, up to the last page. */
  empty: number
  /** Number of pages. Only with pagination `next`. */
  pages?: number | undefined
}

/** A position in a list. */
export interface ListPlace {
  next: PagePosition
  /** What was read of the list before it; absent: nothing. */
  list?: ListSoFar | undefined
}

/** The place of a sub-stream among the records of its parent stream, which are read in the order of their positions. */
export interface ParentPlace {
  /** Position of the parent that was read last. See `ParentRecord`. */
  position: string
  /** All pages of that parent were written. */
  done: boolean
  /** Number of parents that were skipped: the provider no longer has them, or `unread`. */
  skipped: number
  /** How many of them were skipped because a rule of `responses` says so, which does not prove that they are gone. Default: 0. */
  unread?: number | undefined
  /** Number of records that the totals of the parents so far state beyond those that were read. Default: 0. */
  missing?: number | undefined
}

/** The place of a list among those of the values of `each`. */
export interface ItemPlace {
  index: number
  /** Digest of all values. */
  of: string
  /** Number of records that the totals of the lists so far state beyond those that were read. */
  missing: number
}

/** Committed together with the records of a page, so that another worker can continue from it. */
export interface Checkpoint {
  /** Where the next page begins; null: all pages were written. */
  next: PagePosition | null
  /** JSON of the highest value of the cursor field so far; null: none. */
  highest: string | null
  /** Milliseconds since 1970, by the provider's clock, when the first page was requested; null: unknown. */
  askedAt?: number | null | undefined
  /** In a sub-stream that has begun: the parent that `next` is a page of, or that was read before it. */
  parent?: ParentPlace | undefined
  /** In a sub-stream with one cursor for each parent: JSON of the highest one of that parent so far; null: none. */
  parentHighest?: string | null | undefined
  /** In a stream that is read in windows: beginning of the window of `next`, in milliseconds since 1970. */
  windowMs?: number | undefined
  /** In a stream with `each`: the values that `next` belongs to, or, at the end, the last ones. */
  item?: ItemPlace | undefined
  /** In a stream whose requests name the end of the reading: that end, in milliseconds since 1970. */
  endAtMs?: number | undefined
  /** What was read of the list before `next`; absent: nothing. */
  list?: ListSoFar | undefined
  /** How the list ended, when `next` is null. */
  end?: z.infer<typeof endSchema> | null | undefined
  /** The reading that `next` belongs to; absent: it has not begun, or an earlier version of Latchkey began it. */
  reading?: Reading | undefined
}

const readingSchema = z.object({
  /** 1 for the first reading of a stream in a job. */
  number: z.number(),
  /** UUID of the reading. Records that it met unchanged are stored under it (`met_records`). */
  id: z.string(),
  /**
   * In a reading that finds out which records the source no longer has: the newest change position when it began. Records that
   * it writes get higher ones. Absent: the reading does not remember which records it meets.
   */
  floor: z.number().optional(),
  /** Fingerprint of the stream's definition. */
  definition: z.string(),
  /** All records are read. */
  whole: z.boolean(),
  /** JSON of the cursor after which the reading began; null: none. */
  since: z.string().nullable(),
  /** Number of records that the stream had before the job. */
  before: z.number(),
  /** Number of the last page. */
  pages: z.number(),
  /** Number of records that the source returned, including those that were quarantined. */
  read: z.number(),
  /** Number of records that could not be stored. */
  quarantined: z.number(),
  /** Places of the first quarantined records. */
  quarantinedAt: z.array(z.string()),
  /** The total that the source stated last; null: none. */
  total: z.number().nullable(),
  /** The stated total became smaller while the stream was read. */
  shrank: z.boolean(),
  /** Records can have moved over the border of a page while the stream was read, so that they were not met. */
  mayHide: z.boolean(),
  /** The reading before this one, and how many stored records it did not meet. */
  previous: z.object({ id: z.string(), missing: z.number(), floor: z.number().optional() }).optional(),
  /** An earlier reading of the job found that most records are gone at once. */
  sudden: z.boolean().optional(),
  /**
   * Of a reading that an earlier job began: how many jobs continued from this checkpoint and failed before they read a page.
   */
  stalledJobs: z.number().optional(),
  /** Milliseconds since 1970 before which this reading does not begin. */
  startAt: z.number().optional(),
  /** The reading ended and agreed with the one before it: what both did not meet is being deleted. */
  agreed: z.boolean().optional(),
})

/** One reading of a stream from its first to its last page. Before records are deleted, a stream may be read again. */
export type Reading = z.infer<typeof readingSchema>

export type ReadingCheckpoint = Checkpoint & { reading: Reading }

const endSchema = z.object({
  how: z.enum(['empty', 'no_next', 'has_more', 'total', 'response', 'repeated', 'invalid_page', 'older']),
  total: z.number().nullable(),
})
const listSchema = z.object({
  read: z.number(),
  total: z.number().nullable(),
  last: z.number(),
  largest: z.number(),
  digest: z.string(),
  repeats: z.number(),
  empty: z.number(),
  pages: z.number().optional(),
})
const positionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('first') }),
  z.object({ kind: z.literal('url'), url: z.string() }),
  z.object({ kind: z.literal('cursor'), json: z.string() }),
  z.object({ kind: z.literal('page'), page: z.number() }),
  z.object({ kind: z.literal('offset'), offset: z.number() }),
])
const checkpointSchema = z.object({
  next: positionSchema.nullable(),
  highest: z.string().nullable(),
  askedAt: z.number().nullish(),
  parentHighest: z.string().nullish(),
  windowMs: z.number().optional(),
  item: z.object({ index: z.number(), of: z.string(), missing: z.number() }).optional(),
  endAtMs: z.number().optional(),
  parent: z
    .object({
      position: z.string().regex(/^\d+(\.\d+)*$/),
      done: z.boolean(),
      skipped: z.number(),
      unread: z.number().optional(),
      missing: z.number().optional(),
    })
    .optional(),
  list: listSchema.optional(),
  end: endSchema.nullish(),
  reading: readingSchema.optional(),
})
/**
 * The checkpoint of a reading that may be continued only by versions of Latchkey that know all of it. Earlier versions do not
 * read it and start at the first page.
 *
 * - `floored`: the reading has a `floor`. Earlier versions marked the records that they met (`record.seen_by`). They would
 *   delete what this reading has met, and it would delete what they have met.
 * - `marked`: earlier versions would take the reading for another one.
 */
const wrappedSchema = z.union([z.object({ floored: checkpointSchema }), z.object({ marked: checkpointSchema })])

/** SQL expression: the checkpoint in the JSON value `column`, as `readCheckpoint` finds it. */
export const checkpointIn = (column: string) => `coalesce(${column}->'floored', ${column}->'marked', ${column})`

export const START: Checkpoint = { next: { kind: 'first' }, highest: null }

export function writeCheckpoint(checkpoint: Checkpoint): string {
  const { reading } = checkpoint
  if (reading?.floor !== undefined) return stringifyJson({ floored: checkpoint })
  const isOther = reading !== undefined && (reading.number > 1 || reading.stalledJobs !== undefined)
  return stringifyJson(isOther ? { marked: checkpoint } : checkpoint)
}

/** A stream without a checkpoint, or with a checkpoint of another version, starts at its first page. */
export function readCheckpoint(text: string | null): Checkpoint {
  if (text === null) return START
  const value = parseJson(text)
  const wrapped = wrappedSchema.safeParse(value)
  if (wrapped.success) return 'floored' in wrapped.data ? wrapped.data.floored : wrapped.data.marked
  const parsed = checkpointSchema.safeParse(value)
  return parsed.success ? parsed.data : START
}

/**
 * How a stream ended whose pages were all written; null: unknown, because an earlier version wrote them, or because there
 * were no pages. A sub-stream ends after the list of its last parent; its total is the sum over its parents.
 * @param recordsRead number of records of the stream
 */
export function endOf({ end, parent }: Checkpoint, recordsRead: number): z.infer<typeof endSchema> | null {
  if (parent === undefined) return end ?? null
  const missing = parent.missing ?? 0
  return { how: 'no_next', total: missing === 0 ? null : recordsRead + missing }
}

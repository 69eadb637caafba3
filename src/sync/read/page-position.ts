import { z } from 'zod'
import type { StreamDefinition } from '../../catalog/definition/stream.ts'
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
}

/** A position in a list. */
export interface ListPlace {
  next: PagePosition
  /** What was read of the list before it; absent: nothing. */
  list?: ListSoFar | undefined
}

/** The place of a sub-stream among the records of its parent stream, which are read in the order of their positions. */
export interface ParentPlace {
  /** Position of the parent that was read last. */
  position: string
  /** All pages of that parent were written. */
  done: boolean
  /** Number of parents that the provider no longer has. */
  skipped: number
  /** Number of records that the totals of the parents so far state beyond those that were read. Default: 0. */
  missing?: number | undefined
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
  /** What was read of the list before `next`; absent: nothing. */
  list?: ListSoFar | undefined
  /** How the list ended, when `next` is null. */
  end?: z.infer<typeof endSchema> | null | undefined
}

const endSchema = z.object({
  how: z.enum(['empty', 'no_next', 'has_more', 'total', 'response', 'repeated', 'invalid_page']),
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
  parent: z
    .object({
      position: z.string().regex(/^\d+$/),
      done: z.boolean(),
      skipped: z.number(),
      missing: z.number().optional(),
    })
    .optional(),
  list: listSchema.optional(),
  end: endSchema.nullish(),
})

export const START: Checkpoint = { next: { kind: 'first' }, highest: null }

export function writeCheckpoint(checkpoint: Checkpoint): string {
  return stringifyJson(checkpoint)
}

/** A stream without a checkpoint, or with a checkpoint of another version, starts at its first page. */
export function readCheckpoint(text: string | null): Checkpoint {
  const parsed = text === null ? undefined : checkpointSchema.safeParse(parseJson(text))
  return parsed?.success ? parsed.data : START
}

/**
 * How a stream ended; null: it did not end, or an earlier version wrote its last page. A sub-stream ends after the list of
 * its last parent; its total is the sum over its parents.
 * @param recordsRead number of records of the stream
 */
export function endOf(
  stream: StreamDefinition,
  { end, parent }: Checkpoint,
  recordsRead: number,
): z.infer<typeof endSchema> | null {
  if (stream.parent === undefined) return end ?? null
  const missing = parent?.missing ?? 0
  return { how: 'no_next', total: missing === 0 ? null : recordsRead + missing }
}

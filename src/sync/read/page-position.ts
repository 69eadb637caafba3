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

/** The place of a sub-stream among the records of its parent stream, which are read in the order of their positions. */
export interface ParentPlace {
  /** Position of the parent that was read last. */
  position: string
  /** All pages of that parent were written. */
  done: boolean
  /** Number of parents that the provider no longer has. */
  skipped: number
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
}

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
  parent: z.object({ position: z.string().regex(/^\d+$/), done: z.boolean(), skipped: z.number() }).optional(),
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

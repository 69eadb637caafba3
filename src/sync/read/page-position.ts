import { z } from 'zod'
import { parseJson, stringifyJson } from '../../kit/json.ts'

/** Where a page begins, in the terms of the stream's pagination. */
export type PagePosition =
  | { kind: 'first' }
  /** The whole URL of the page; holds no credential. */
  | { kind: 'url'; url: string }
  /** JSON of the cursor that the page before gave. */
  | { kind: 'cursor'; json: string }
  | { kind: 'page'; page: number }
  | { kind: 'offset'; offset: number }

/** Where a sub-stream stands among the records of its parent stream, which it visits in the order of their positions. */
export interface ParentPlace {
  /** Position of the parent that was read last. */
  position: string
  /** All pages of that parent are written. */
  done: boolean
  /** Parents that the source did not know any more. */
  skipped: number
}

/** Committed with the records of a page, so that another worker goes on from there. */
export interface Checkpoint {
  /** Where the next page begins; null: all pages are written. */
  next: PagePosition | null
  /** JSON of the highest cursor field so far; null: none yet. */
  highest: string | null
  /** Milliseconds since 1970, by the source's clock, when the first page was asked for; null: it has not told. */
  askedAt?: number | null | undefined
  /** Of a sub-stream that has begun: the parent that `next` is a page of, or comes after. */
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

/** A stream that has not begun, or whose checkpoint another version wrote, begins at its start. */
export function readCheckpoint(text: string | null): Checkpoint {
  const parsed = text === null ? undefined : checkpointSchema.safeParse(parseJson(text))
  return parsed?.success ? parsed.data : START
}

import { type ByteRedactor, createByteRedactor } from './byte-redactor.ts'
import { createTextRedactor, type TextRedactor } from './redact.ts'

/** A list of secrets that joins two others. */
const joined = new WeakMap<readonly string[], readonly [readonly string[], readonly string[]]>()

/**
 * One list of both. One of the two itself when the other has nothing else. The redactors of the result use those of the first list,
 * so the forms of its secrets are made once, although each request may have further secrets.
 */
export function joinSecrets(secrets: readonly string[], more: readonly string[]): readonly string[] {
  if (more.length === 0 || more === secrets) return secrets
  if (secrets.length === 0) return more
  const known = new Set(secrets)
  const others = more.filter((secret) => !known.has(secret))
  if (others.length === 0) return secrets
  const inMore = new Set(more)
  if (secrets.every((secret) => inMore.has(secret))) return more
  const both = [...secrets, ...others]
  joined.set(both, [secrets, others])
  return both
}

interface Redactor<R> {
  readonly size: number
  and(other: R): R
}

/** Memory of the redactors of one kind that are kept, in bytes. */
const MAX_KEPT_BYTES = 32 * 1024 * 1024

/** Redactors by list of secrets. Most connections have one list for all of their requests. */
function keptRedactors<R extends Redactor<R>>(
  create: (secrets: readonly string[]) => R,
): (secrets: readonly string[]) => R {
  let kept = new WeakMap<readonly string[], R>()
  let keptBytes = 0
  return function redactorOf(secrets): R {
    const known = kept.get(secrets)
    if (known !== undefined) return known
    const parts = joined.get(secrets)
    const made = parts === undefined ? create(secrets) : redactorOf(parts[0]).and(redactorOf(parts[1]))
    // Entries disappear with their lists, which is not known here. So all are forgotten when they could be too many.
    if (keptBytes > MAX_KEPT_BYTES) {
      kept = new WeakMap()
      keptBytes = 0
    }
    keptBytes += made.size
    kept.set(secrets, made)
    return made
  }
}

/** The redactor of bodies for a list of secrets, which must not change. */
export const byteRedactorOf = keptRedactors<ByteRedactor>(createByteRedactor)

/** The redactor of short texts for a list of secrets, which must not change. */
export const textRedactorOf = keptRedactors<TextRedactor>(createTextRedactor)

import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { PageSession } from '../../../connecting/connect-sessions.ts'
import type { FieldError } from '../../../kit/errors.ts'
import type { JsonObject } from '../../../kit/json.ts'
import { submissionIdentity } from '../../../vault/identities.ts'
import type { Vault } from '../../../vault/vault.ts'
import { readSubmission, submissionCookie } from '../cookies.ts'

// A failed form leads back to the form by a redirect, so that neither "back" nor "reload" submits it again. What the form shows
// then is in a sealed cookie of the browser. It contains no secret.

const refusalSchema = z.strictObject({
  kind: z.enum(['refused', 'busy', 'unreachable', 'unusable', 'tooMany']),
  /** Place of the hint in the provider's guide. Null: there is none. */
  hint: z.int().nullable(),
  /** The provider's own words, without secrets. Null: it said nothing. */
  providerMessage: z.string().nullable(),
  /** The provider knows nothing at the address. */
  notFound: z.boolean(),
  /** For `tooMany`: when the next attempt is possible. */
  waitSeconds: z.number(),
})

/** Why the submission failed, apart from the problems of single fields. */
export type Refusal = z.infer<typeof refusalSchema>

const keptSchema = z.strictObject({
  /** Slug of the integration. */
  slug: z.string(),
  /** Repeated in the address, so that the form shows this and no later submission. */
  id: z.string(),
  /** HTTP status of the form. */
  status: z.int(),
  /** Key of the sign-in method. Null: there is only one. */
  method: z.string().nullable(),
  /** The values that are not secret, by key of the field. */
  values: z.record(z.string(), z.string()),
  /** Keys of the fields whose value was cut. */
  tidied: z.array(z.string()),
  errors: z.array(z.strictObject({ path: z.array(z.string()), message: z.string() })),
  refusal: refusalSchema.nullable(),
})

/** A failed submission. */
export type KeptSubmission = Omit<z.infer<typeof keptSchema>, 'errors'> & { errors: FieldError[] }

export function newSubmissionId(): string {
  return randomBytes(6).toString('base64url')
}

/** Browsers accept cookies of 4,096 bytes with their names and attributes (RFC 6265, section 6.1). */
const MAX_VALUE_LENGTH = 3_700

/** The Set-Cookie header that keeps a submission. Null: it is too long for a cookie. */
export function keepSubmission(
  { vault, publicUrl }: { vault: Vault; publicUrl: string },
  { id, workspaceId }: PageSession,
  submission: KeptSubmission,
): string | null {
  const json: JsonObject = JSON.parse(JSON.stringify(submission))
  const value = Buffer.from(vault.seal(json, submissionIdentity(workspaceId, id))).toString('base64url')
  return value.length > MAX_VALUE_LENGTH ? null : submissionCookie(publicUrl, value)
}

/** The submission that an address of the form names. Null: the browser has another one, or none. */
export function readKept(
  { vault, publicUrl }: { vault: Vault; publicUrl: string },
  request: Request,
  { id, workspaceId }: PageSession,
  named: { slug: string; id: string },
): KeptSubmission | null {
  const value = readSubmission(request, publicUrl)
  if (value === null) return null
  try {
    const opened = vault.open(Buffer.from(value, 'base64url'), submissionIdentity(workspaceId, id))
    const kept = keptSchema.parse(opened)
    return kept.slug === named.slug && kept.id === named.id ? kept : null
  } catch {
    // It was changed, or another version or another key has sealed it.
    return null
  }
}

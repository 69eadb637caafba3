import type { IssuerFragment } from './generated/graphql.ts'

interface TokenCheck {
  /** Name of the claim, or `alg`. */
  claim: string
  /** What the token has. Null: it has no such claim. */
  value: string | null
  /** What the issuer accepts. Null: it is not one value. */
  expected: string | null
  ok: boolean
}

interface CheckedToken {
  checks: TokenCheck[]
  /** External id of the end user that the token names. */
  endUser: string | null
  expiresAt: Date | null
}

type Settings = Pick<IssuerFragment, 'issuer' | 'audience' | 'endUserClaim' | 'workspaceClaim' | 'allowedAlgorithms'>

/**
 * Compares what a token says with the settings of an issuer. It does not check the signature: the server does.
 * @param slug of the workspace. A workspace claim may hold its id too, which is not known here in that form
 * @returns null when it is no JWT
 */
export function checkToken(token: string, issuer: Settings, slug: string, now = Date.now()): CheckedToken | null {
  const [header, claims] = token.trim().split('.').slice(0, 2).map(readPart)
  if (header == null || claims == null || token.trim().split('.').length !== 3) return null
  const audiences = [claims.aud].flat().filter((each) => typeof each === 'string')
  const expiresAt = typeof claims.exp === 'number' ? new Date(claims.exp * 1000) : null
  const endUser = textOf(claimOf(claims, issuer.endUserClaim))
  const algorithm = textOf(header.alg)
  const checks: TokenCheck[] = [
    { claim: 'iss', value: textOf(claims.iss), expected: issuer.issuer, ok: claims.iss === issuer.issuer },
    {
      claim: 'aud',
      value: audiences.length === 0 ? null : audiences.join(', '),
      expected: issuer.audience,
      ok: audiences.includes(issuer.audience),
    },
    {
      claim: 'exp',
      value: expiresAt === null ? null : String(claims.exp),
      expected: null,
      ok: expiresAt !== null && expiresAt.getTime() > now,
    },
    {
      claim: 'alg',
      value: algorithm,
      expected: issuer.allowedAlgorithms.join(', '),
      ok: issuer.allowedAlgorithms.some((each) => each === algorithm),
    },
    { claim: issuer.endUserClaim, value: endUser, expected: null, ok: endUser !== null },
  ]
  if (issuer.workspaceClaim !== null) {
    const value = textOf(claimOf(claims, issuer.workspaceClaim))
    // An id cannot be compared here, and the server decides.
    checks.push({ claim: issuer.workspaceClaim, value, expected: slug, ok: value !== null && couldName(value, slug) })
  }
  return { checks, endUser, expiresAt }
}

/** Whether a claim is the slug of the workspace, or has the form of an id and not of a slug. */
function couldName(value: string, slug: string): boolean {
  return value === slug || !/^[a-z0-9-]{1,63}$/.test(value) || /^[0-9a-f]{8}-/.test(value)
}

/** One part of a JWT (RFC 7519 section 7.2). Null: it is not the base64url of a JSON object. */
function readPart(part: string): Record<string, unknown> | null {
  try {
    const bytes = Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

/** A claim by its name. A dot leads into a nested object, except in a URI. */
function claimOf(claims: Record<string, unknown>, name: string): unknown {
  let value: unknown = claims
  for (const key of /[:/]/.test(name) ? [name] : name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = Reflect.get(value, key)
  }
  return value
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null
}

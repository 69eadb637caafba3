import { isDeepStrictEqual } from 'node:util'
import { fixedHostOf } from '../auth/client-hosts.ts'
import type { Auth } from '../catalog/definition/auth.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import { originPartOf } from '../catalog/template/url-template.ts'
import { isRecord } from '../catalog/template/value.ts'
import type { Connection } from '../db/generated/client.ts'

/**
 * The names in `connection.unproven`: values that an end user gave and nobody confirmed. The events of a provider are not attributed by
 * them, because the end user could name the account of somebody else. `kept` stands for all kept values, where an end user chose the
 * host that returns them.
 */
export const EXTERNAL_ID = 'externalId'
const KEPT = 'kept'
const INPUT = 'input.'
const EXTRA = 'extra.'

interface GivenInput {
  /** Whether the values come from an end user. False: from a key of the workspace. */
  byEndUser: boolean
  /** Whether values were given. False: they are those that the connection has. */
  given: boolean
  values: Readonly<Record<string, unknown>>
  definition: Pick<IntegrationDefinition, 'auth' | 'baseUrl' | 'afterConnect'>
}

type Before = Pick<Connection, 'input' | 'unproven'>

/** The unproven names among inputs. What an end user repeats of a proven connection stays proven. */
export function unprovenInputs(before: Before | null, { byEndUser, given, values, definition }: GivenInput): string[] {
  if (given && !byEndUser) return []
  const known = before !== null && isRecord(before.input) ? before.input : {}
  const wasUnproven = new Set(before?.unproven)
  const names = Object.keys(values).filter((name) => {
    const same = Object.hasOwn(known, name) && isDeepStrictEqual(known[name], values[name])
    return same ? wasUnproven.has(INPUT + name) : byEndUser
  })
  const chosen = byEndUser && names.length > 0 && hasOpenHost(definition)
  return [...names.map((name) => INPUT + name), ...(chosen ? [KEPT] : [])]
}

/** The unproven names of a credential that a caller supplied. @param extra see `extraDigests` */
export function unprovenCredential(
  byEndUser: boolean,
  extra: Readonly<Record<string, unknown>>,
  definition: GivenInput['definition'],
): string[] {
  if (!byEndUser) return []
  return [...Object.keys(extra).map((name) => EXTRA + name), ...(hasOpenHost(definition) ? [KEPT] : [])]
}

/** `unproven` of a connection that gets other inputs and another credential. */
export function unprovenAfter(before: readonly string[], ...now: readonly (readonly string[])[]): string[] {
  const lasting = before.filter((name) => !name.startsWith(INPUT) && !name.startsWith(EXTRA))
  return [...new Set([...lasting, ...now.flat()])]
}

/**
 * Without the inputs that a flow proves: those that are the beginning of the host of both the consent page and the token endpoint, such as
 * `https://{{ input.shop }}.myshopify.com`. The provider of that host lets the user in.
 */
export function withoutProvenHosts(unproven: readonly string[], urls: readonly (string | undefined)[]): string[] {
  const names = urls.map((url) => (url === undefined ? undefined : hostInput(url)))
  const [first] = names
  const proven = first !== undefined && names.every((name) => name === first) ? INPUT + first : undefined
  return unproven.filter((name) => name !== proven)
}

/**
 * The values of a callback that the browser can change: no signature covers them, and no afterConnect request reads them, which would
 * prove that the user has access to what they name.
 */
export function unprovenOfCallback(
  auth: Auth,
  { afterConnect = [] }: Pick<IntegrationDefinition, 'afterConnect'>,
): string[] {
  if (auth.type !== 'oauth2' || auth.callbackVerify !== undefined) return []
  const requests = JSON.stringify(afterConnect.map(({ path, json }) => [path, json]))
  const names = Object.values(auth.callbackKeep ?? {})
  return names.filter((name) => !new RegExp(`\\bkept\\.${name}\\b`).test(requests)).map((name) => `${KEPT}.${name}`)
}

function hostInput(url: string): string | undefined {
  const [scheme, input, end, ...more] = originPartOf(url)
  if (
    (scheme !== 'https://' && scheme !== 'http://') ||
    input === undefined ||
    typeof input === 'string' ||
    more.length > 0
  )
    return undefined
  if (end !== undefined && (typeof end !== 'string' || !/^[.:]/.test(end))) return undefined
  const { type, object, property, computed } = JSON.parse(input.expression)
  const isField = type === 'MemberExpression' && !computed && ['input', 'config'].includes(object.value)
  return isField ? property.value : undefined
}

/** Whether values of a connection choose a host, from which values are kept, below no domain that has one owner. */
function hasOpenHost({ auth, baseUrl, afterConnect = [] }: GivenInput['definition']): boolean {
  const sources = [
    baseUrl,
    ...urlsIn(auth),
    ...afterConnect.map(({ path }) => path).filter((path) => IS_URL.test(path)),
  ]
  return sources.some((source) => fixedHostOf(source) === null)
}

const IS_URL = /^https?:\/\//i

/** The URL templates of an auth, however deep. */
function* urlsIn(value: unknown, key = ''): Generator<string> {
  if (typeof value === 'string') {
    if (IS_URL.test(value) || (/url$/i.test(key) && value.startsWith('{{'))) yield value
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, each] of Object.entries(value)) yield* urlsIn(each, name)
  }
}

import { z } from 'zod'
import { hasClientHost } from '../../egress/host-rules.ts'
import { templateIn } from '../template/template.ts'
import { templateSchema } from '../template/template-schema.ts'
import { baseUrlProblem } from '../template/url-template.ts'
import { type Auth, hasCredential, type OwnAuth } from './auth.ts'
import { currentDefinitionBudget } from './definition-budget.ts'
import { suggestion } from './zod-errors.ts'

/** Where a request of a definition is sent, and how it is authenticated, if that differs from the other requests. */
export const targetShape = {
  /** Default: that of the definition. */
  baseUrl: templateSchema([], baseUrlProblem).optional(),
  /** A key of the definition's `auths`. Default: its `auth`. */
  auth: z.string().min(1).max(100).optional(),
}

export interface Target {
  baseUrl?: string | undefined
  auth?: string | undefined
}

/** What a definition says about hosts and ways of authenticating. */
interface Targets {
  auth: Auth
  auths?: Readonly<Record<string, OwnAuth>> | undefined
  baseUrl: string
  hosts?: readonly string[] | undefined
}

/**
 * Whether a request with the credential may be sent to a URL: at the origin of the base URL, or at a host that `hosts` of the definition
 * names. Over http only where the base URL is http too.
 * @param base the base URL; undefined: it is not known yet
 */
export function mayGetCredential(hosts: readonly string[], base: URL | undefined, url: URL): boolean {
  if (url.origin === base?.origin) return true
  return hasClientHost(hosts, url) && (url.protocol === 'https:' || base?.protocol === 'http:')
}

/** The auth of `auths` with this key. Undefined: there is none. */
export function authOfKey({ auths = {} }: Pick<Targets, 'auths'>, key: string | undefined): OwnAuth | undefined {
  return key !== undefined && Object.hasOwn(auths, key) ? auths[key] : undefined
}

/**
 * What is wrong with the target of a request. A host that is known only with the values of a connection is checked when the request is
 * made.
 */
export function* targetProblems(definition: Targets, target: Target): Generator<['auth' | 'baseUrl', string]> {
  const { auth, auths = {}, baseUrl, hosts = [] } = definition
  if (target.auth !== undefined && authOfKey(definition, target.auth) === undefined) {
    yield ['auth', `${target.auth} is not a key of auths${suggestion(target.auth, Object.keys(auths))}`]
  }
  const url = URL.parse(target.baseUrl === undefined ? '' : (templateIn(target.baseUrl)?.constant ?? ''))
  if (url === null || !hasCredential(auth)) return
  const base = URL.parse(templateIn(baseUrl)?.constant ?? '') ?? undefined
  if (url.origin === base?.origin) return
  if (!hasClientHost(hosts, url)) {
    const problem = `is at another host than the baseUrl of the definition: add ${url.host} to hosts, if it may get the credential`
    yield ['baseUrl', problem]
  } else if (base !== undefined && !mayGetCredential(hosts, base, url) && !currentDefinitionBudget().isStored) {
    yield ['baseUrl', 'must begin with https://, as the baseUrl of the definition does']
  }
}

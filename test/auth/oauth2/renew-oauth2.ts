import { strategyOf } from '../../../src/auth/registry.ts'
import type { StoredOAuth2 } from '../../../src/auth/stored-credential.ts'
import type { Renewal, RenewContext } from '../../../src/auth/strategy.ts'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import type { OAuth2 } from '../../../src/catalog/definition/oauth2.ts'
import type { SeenRequest } from '../../egress/loopback-server.ts'
import { authOf, now } from '../contract.ts'
import type { Answer, TokenServer } from './token-server.ts'

export type OAuth2Input = Extract<DefinitionInput['auth'], { type: 'oauth2' }>

/** The token URL is on the loopback server, whose address is an input. */
export function oauth2Of(auth: Partial<OAuth2Input>): OAuth2 {
  const tokenUrl = 'http://{{ input.host }}/token'
  const parsed = authOf({ type: 'oauth2', grant: 'refresh_token', tokenUrl, ...auth })
  if (parsed.type !== 'oauth2') throw new Error('not OAuth2')
  return parsed
}

export const fields = { client_id: 'id', client_secret: 'client-s3cret', refresh_token: 'old-rt' }
export const byFields: StoredOAuth2 = { type: 'oauth2', fields, refreshToken: 'old-rt', scopes: [] }
export const good = { access_token: 'new-at', token_type: 'Bearer', expires_in: 3600 }

export function contextOf(server: TokenServer, more: Partial<RenewContext> = {}): RenewContext {
  return { egress: server.egress, now, kept: {}, ...more, input: { host: `127.0.0.1:${server.port}`, ...more.input } }
}

export interface Trial {
  auth?: Partial<OAuth2Input>
  stored?: Partial<StoredOAuth2>
  context?: Partial<RenewContext>
  answer?: Answer
}

export interface Outcome {
  renewal?: Renewal
  error?: unknown
  /** The requests of this renewal. */
  requests: SeenRequest[]
}

/** Renews once against the server. */
export async function renewOnce(server: TokenServer, trial: Trial): Promise<Outcome> {
  server.answers.splice(0, server.answers.length, trial.answer ?? { body: good })
  const before = server.seen.length
  const stored = { ...byFields, ...trial.stored }
  const outcome = await strategyOf(oauth2Of(trial.auth ?? {}))
    .renew(stored, contextOf(server, trial.context))
    .then(
      (renewal) => ({ renewal }),
      (error: unknown) => ({ error }),
    )
  return { ...outcome, requests: server.seen.slice(before) }
}

export function storedOf({ renewal }: Outcome): StoredOAuth2 {
  if (renewal?.stored.type !== 'oauth2') throw new Error('it was not renewed')
  return renewal.stored
}

export function formOf(request: SeenRequest | undefined): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(request?.body.toString() ?? ''))
}

import type { Field } from '../../catalog/definition/field.ts'
import type { Placement } from '../../catalog/definition/placement.ts'
import type { RenewalError, RenewalFailure } from '../../wire/renewal-error.ts'
import type { DraftFinisher, RequestDraft } from '../../wire/request-draft.ts'
import type { Authenticator, ConnectionContext, RenewContext } from '../strategy.ts'

/** The `options` of a definition's `{ "type": "custom", "strategy": …, "options": … }`. */
export type CustomOptions = Readonly<Record<string, unknown>>

/**
 * A way of authenticating that a deployment adds in its own file, as the named export `strategy`. A strategy has no state: the
 * result of a renewal goes into `data`, which is encrypted together with the fields.
 */
export interface CustomStrategy {
  /** The name that definitions use: lower-case letters, digits, `-` and `_`. */
  readonly name: string
  /** The fields that a user supplies. Must return the same fields for the same options. */
  fields(options: CustomOptions): readonly Field[]
  /** Checks values that already match their fields. Returns problems by field name, without any part of a value. */
  check?(values: Readonly<Record<string, string>>, options: CustomOptions): Readonly<Record<string, string | undefined>>
  open(credential: CustomCredential, context: CustomOpenContext): CustomAuthenticator
  /**
   * May send any number of requests through `context.egress`. Reports a failure by throwing `context.failure(…)`. After a failure
   * with `unavailable: true` it is called again at once, so nothing may have been consumed.
   */
  renew?(credential: CustomCredential, context: CustomRenewContext): Promise<CustomRenewal>
  /** Example options, and example data of a renewal, for `check-strategies`. */
  readonly example?: { options?: CustomOptions; data?: CustomData }
}

/** Plain JSON. */
export type CustomData = Readonly<Record<string, unknown>>

export interface CustomCredential {
  readonly fields: Readonly<Record<string, string>>
  /** Data of the last renewal; empty before the first. */
  readonly data: CustomData
}

export interface CustomOpenContext extends ConnectionContext {
  options: CustomOptions
  now(): Date
  /** Puts a value into a request, like a placement of a definition. */
  place(draft: RequestDraft, placement: Placement, value: string): void
  /** Registers a function that signs the complete request. */
  finish(draft: RequestDraft, finisher: DraftFinisher): void
}

export interface CustomAuthenticator extends Pick<Authenticator, 'apply' | 'expiresAt' | 'singleUse'> {
  /** Default: true, or, for a strategy with `renew`, whether a renewal has happened. */
  ready?: boolean
  /** Secrets in addition to the values of secret fields. Default: none. */
  secrets?: readonly string[]
}

export interface CustomRenewContext extends RenewContext {
  options: CustomOptions
  failure(message: string, failure: RenewalFailure): RenewalError
}

export interface CustomRenewal {
  data: CustomData
  expiresAt?: Date
  scopes?: readonly string[]
  kept?: Record<string, unknown>
}

/** The custom strategies of a deployment, by name. */
export type CustomStrategies = ReadonlyMap<string, CustomStrategy>

/** Why a value is not a custom strategy; empty when it has the right shape. */
export function shapeProblems(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return ['the export is not an object']
  const member = (name: string): unknown => Reflect.get(value, name)
  const problems: string[] = []
  const name = member('name')
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9_-]{0,63}$/.test(name)) {
    problems.push('name must be 1 to 64 lower-case letters, digits, - and _')
  }
  for (const required of ['fields', 'open']) {
    if (typeof member(required) !== 'function') problems.push(`${required} must be a function`)
  }
  for (const optional of ['check', 'renew']) {
    const type = typeof member(optional)
    if (type !== 'function' && type !== 'undefined') problems.push(`${optional} must be a function or absent`)
  }
  return problems
}

export function isCustomStrategy(value: unknown): value is CustomStrategy {
  return shapeProblems(value).length === 0
}

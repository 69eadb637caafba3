import type { Field } from '../../catalog/definition/field.ts'
import type { Placement } from '../../catalog/definition/placement.ts'
import type { RenewalError, RenewalFailure } from '../../wire/renewal-error.ts'
import type { DraftFinisher, RequestDraft } from '../../wire/request-draft.ts'
import type { Authenticator, ConnectionContext, RenewContext } from '../strategy.ts'

/** The `options` of a definition's `{ "type": "custom", "strategy": …, "options": … }`. */
export type CustomOptions = Readonly<Record<string, unknown>>

/**
 * A way of authenticating that a deployment adds in a file of its own, as the named export `strategy`. It holds no state:
 * whatever a renewal makes goes into `data`, which is encrypted with the fields.
 */
export interface CustomStrategy {
  /** What definitions name. Lower-case letters, digits, `-` and `_`. */
  readonly name: string
  /** What a person supplies. The same fields each time for the same options. */
  fields(options: CustomOptions): readonly Field[]
  /** Problems by the names of fields, of values that fit their fields; nothing of a value in them. */
  check?(values: Readonly<Record<string, string>>, options: CustomOptions): Readonly<Record<string, string | undefined>>
  open(credential: CustomCredential, context: CustomOpenContext): CustomAuthenticator
  /** Any number of requests through `context.egress`. Fail by throwing `context.failure(…)`. */
  renew?(credential: CustomCredential, context: CustomRenewContext): Promise<CustomRenewal>
  /** What it is tried with before it is used: an example of its options, and of the data of a renewal. */
  readonly example?: { options?: CustomOptions; data?: CustomData }
}

/** Plain JSON. */
export type CustomData = Readonly<Record<string, unknown>>

export interface CustomCredential {
  readonly fields: Readonly<Record<string, string>>
  /** Of the last renewal; empty before the first. */
  readonly data: CustomData
}

export interface CustomOpenContext extends ConnectionContext {
  options: CustomOptions
  now(): Date
  /** Puts a value into a request, as the placements of definitions do. */
  place(draft: RequestDraft, placement: Placement, value: string): void
  /** Has the request signed once all else stands in it. */
  finish(draft: RequestDraft, finisher: DraftFinisher): void
}

export interface CustomAuthenticator extends Pick<Authenticator, 'apply' | 'expiresAt' | 'singleUse'> {
  /** Default: true, or, where it can be renewed, whether it has been. */
  ready?: boolean
  /** Besides the values of secret fields. Default: none. */
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

/** The strategies of a deployment by their names. */
export type CustomStrategies = ReadonlyMap<string, CustomStrategy>

/** Why a value is no strategy; empty: it has the shape of one. */
export function shapeProblems(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return ['it is no object']
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
    if (type !== 'function' && type !== 'undefined') problems.push(`${optional} must be a function where it is there`)
  }
  return problems
}

export function isCustomStrategy(value: unknown): value is CustomStrategy {
  return shapeProblems(value).length === 0
}

import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import { strategyOf } from '../auth/registry.ts'
import type { Auth, Custom } from '../catalog/definition/auth.ts'
import { UnsupportedError } from '../kit/errors.ts'
import { FieldErrors } from '../kit/field-errors.ts'

/**
 * Refuses a definition's auth that the deployment cannot carry out: throws InvalidInputError for every custom strategy
 * that it does not have, or whose options do not make fields.
 * @param path where the auth stands in the caller's input
 */
export function checkCustomStrategies(auth: Auth, strategies: CustomStrategies, path: readonly string[]): void {
  const errors = new FieldErrors()
  for (const [custom, at] of customsIn(auth, path)) {
    if (!strategies.has(custom.strategy)) {
      const known = [...strategies.keys()].sort().join(', ') || 'none'
      errors.add([...at, 'strategy'], `This deployment has no strategy ${custom.strategy}. Known: ${known}.`)
    } else if (!describes(custom, strategies)) {
      errors.add([...at, 'options'], `The strategy ${custom.strategy} does not take these options.`)
    }
  }
  errors.throwIfAny()
}

function* customsIn(auth: Auth, path: readonly string[]): Generator<[Custom, readonly string[]]> {
  if (auth.type === 'custom') yield [auth, path]
  if (auth.type === 'session_token' && auth.login.auth !== undefined) {
    yield* customsIn(auth.login.auth, [...path, 'login', 'auth'])
  }
  if (auth.type !== 'selective') return
  for (const [index, option] of auth.options.entries()) {
    yield* customsIn(option.auth, [...path, 'options', String(index), 'auth'])
  }
}

function describes(custom: Custom, strategies: CustomStrategies): boolean {
  try {
    strategyOf(custom, strategies).describe()
    return true
  } catch (error) {
    if (error instanceof UnsupportedError) return false
    throw error
  }
}

import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import { type IntegrationDefinition, parseDefinition } from '../catalog/definition/definition.ts'
import { checkCustomStrategies } from './check-custom-strategies.ts'

const PATH = ['input', 'definition']

/** A definition as a caller gives it. @throws InvalidInputError with everything that is wrong, by its place in the input */
export function parseOwnDefinition(
  { customStrategies }: { customStrategies: CustomStrategies },
  definition: unknown,
): IntegrationDefinition {
  const parsed = parseDefinition(definition, { path: PATH })
  checkCustomStrategies(parsed.auth, customStrategies, [...PATH, 'auth'])
  return parsed
}

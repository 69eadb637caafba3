import { findProvider } from './catalog.ts'
import { type IntegrationDefinition, parseDefinition } from './definition/definition.ts'

/** What an integration's row says of its definition. */
export interface DefinitionSource {
  id: string
  updatedAt: Date
  /** A slug of the catalogue; null when `definition` is the workspace's own. */
  provider: string | null
  definition: unknown
}

const MAX_KEPT = 1_000
const parsed = new Map<string, { updatedAt: number; definition: IntegrationDefinition }>()

/**
 * The definition of an integration, checked once for each change of it.
 * @throws Error when it names a provider that this version does not have, or no longer fits: a defect of the deployment
 */
export function definitionOf(source: DefinitionSource): IntegrationDefinition {
  if (source.provider !== null) {
    const provider = findProvider(source.provider)
    if (provider === null) throw new Error(`The catalogue of this version has no provider "${source.provider}".`)
    return provider.definition
  }
  const known = parsed.get(source.id)
  if (known !== undefined && known.updatedAt === source.updatedAt.getTime()) return known.definition
  const definition = parseDefinition(source.definition)
  if (parsed.size >= MAX_KEPT) parsed.clear()
  parsed.set(source.id, { updatedAt: source.updatedAt.getTime(), definition })
  return definition
}

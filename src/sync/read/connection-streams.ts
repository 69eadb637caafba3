import type { IntegrationDefinition } from '../../catalog/definition/definition.ts'

/** What is known of one stream of a connection between its jobs. */
export interface ConnectionStream {
  name: string
  /** Highest value of the cursor field; null: none was met yet. */
  cursor: unknown
  recordCount: number
  /** Null: it was never read to its end. */
  lastSyncedAt: Date | null
}

/**
 * All streams of a connection: those of the definition in its order, whether they were synced or not, then those that the
 * definition no longer has and of which there are records.
 */
export function connectionStreams(
  { streams = [] }: Pick<IntegrationDefinition, 'streams'>,
  states: readonly ConnectionStream[],
): ConnectionStream[] {
  const known = new Map(states.map((state) => [state.name, state]))
  const declared = streams.map(
    ({ name }) => known.get(name) ?? { name, cursor: null, recordCount: 0, lastSyncedAt: null },
  )
  const names = new Set(streams.map(({ name }) => name))
  return [...declared, ...states.filter(({ name }) => !names.has(name))]
}

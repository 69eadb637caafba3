import type { IntegrationDefinition } from '../../catalog/definition/definition.ts'

/** The state of one stream of a connection between jobs. */
export interface ConnectionStream {
  name: string
  /** JSON of the highest value of the cursor field, or of the cursor of a change feed; null: none. */
  cursor: string | null
  recordCount: number
  /** Null: the stream was never read to its end. */
  lastSyncedAt: Date | null
}

/**
 * All streams of a connection: those of the definition in its order, synced or not, then streams with records that the
 * definition no longer has.
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

/** What every program reads, and what it reports. */

const read = (name: string): string => {
  const value = process.env[name]
  if (value === undefined) throw new Error(`Set ${name}.`)
  return value
}

/** Of the GraphQL endpoint. */
export const url = read('ENDPOINT')
export const key = read('LATCHKEY_KEY')

/** Input of `createConnection`: an account at the records API, whose records are synced at once. */
export const account = {
  workspaceId: read('WORKSPACE'),
  integration: 'records',
  endUserExternalId: read('END_USER'),
  credential: { secretText: read('RECORDS_API_TOKEN') },
  syncImmediately: true,
}

/** What the test compares. */
export interface Report {
  /** Slug of the workspace, by a query. */
  workspace: string | undefined
  /** The error of a mutation, as its document selects it. */
  refused: { __typename: string; code: unknown; message: string }
  /** `__typename` of every event of the sync. */
  events: string[]
  /** Size of each page of records, and the number of different keys. */
  pages: number[]
  keys: number
}

export const report = (result: Report): void => void process.stdout.write(`${JSON.stringify(result)}\n`)

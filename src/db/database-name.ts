/** How messages name the database of a connection URL: its server and its name, never who logs in or with what. */
export function databaseName(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `${hostname === '' ? 'localhost' : hostname}${port === '' ? '' : `:${port}`}${pathname}`
}

/** The words of an error of the driver. One host name with several addresses fails with an error for each of them. */
export function wordsOfDriver(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(wordsOfDriver).join('; ')
  return error instanceof Error ? error.message : String(error)
}

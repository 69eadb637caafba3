/** What a new definition begins with: a service with an API key and one list. */
export function exampleDefinition(): string {
  return `${JSON.stringify(
    {
      $schema: `${location.origin}/definition.schema.json`,
      displayName: 'Acme',
      baseUrl: 'https://api.example.com/v1',
      auth: { type: 'api_key', placement: { in: 'header', name: 'X-Api-Key' } },
      testRequest: { path: '/me' },
      streams: [
        {
          name: 'contacts',
          path: '/contacts',
          recordsPath: 'data',
          primaryKey: ['id'],
          pagination: { type: 'cursor', path: 'next_cursor', param: 'cursor' },
          incremental: { cursorField: 'updated_at', param: 'updated_since' },
        },
      ],
    },
    null,
    2,
  )}\n`
}

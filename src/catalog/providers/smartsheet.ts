import { smartsheetActions } from '../actions/smartsheet.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'

export const smartsheet: IntegrationDefinition = {
  displayName: 'Smartsheet',
  docsUrl: 'https://developers.smartsheet.com/api/smartsheet/guides/advanced-topics/oauth',
  categories: ['project management'],
  baseUrl: 'https://api.smartsheet.com/2.0',
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://app.smartsheet.com/b/authorize',
    tokenUrl: 'https://api.smartsheet.com/2.0/token',
    revocation: { url: 'https://api.smartsheet.com/2.0/token', method: 'DELETE', auth: 'token' },
    scopes: ['READ_SHEETS', 'READ_USERS'],
  },
  responseErrors: [
    // https://developers.smartsheet.com/api/smartsheet/error-codes
    { path: ['errorCode'], equals: 4003, as: 'rate_limit', message: ['message'] },
    { path: ['errorCode'], equals: 4004, as: 'retry', message: ['message'] },
  ],
  testRequest: { path: '/users/me' },
  streams: [
    {
      name: 'sheets',
      path: '/sheets',
      recordsPath: ['data'],
      primaryKey: [['id']],
      pagination: { type: 'page', param: 'page', sizeParam: 'pageSize', size: 100, totalPages: ['totalPages'] },
      incremental: { cursorField: ['modifiedAt'], param: 'modifiedSince', format: 'iso8601' },
    },
    {
      name: 'users',
      path: '/users',
      recordsPath: ['data'],
      primaryKey: [['id']],
      pagination: { type: 'page', param: 'page', sizeParam: 'pageSize', size: 100, totalPages: ['totalPages'] },
    },
  ],
  actions: smartsheetActions,
}

import { smartsheetActions } from '../actions/smartsheet.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'

/** The domain of each product: Smartsheet, its regions, and Smartsheet Gov (developers.smartsheet.com/api/smartsheet/guides/basics/base-url). */
const domain = "{{ 'smartsheetgov.com' if input.region == 'gov' else 'smartsheet.' ~ (input.region | default('com')) }}"

export const smartsheet: IntegrationDefinition = {
  displayName: 'Smartsheet',
  docsUrl: 'https://developers.smartsheet.com/api/smartsheet/guides/advanced-topics/oauth',
  categories: ['project management'],
  baseUrl: `https://api.${domain}/2.0`,
  inputFields: [
    {
      name: 'region',
      label: 'Region',
      description:
        'What the address of your Smartsheet ends in: com, eu or au; or gov for Smartsheet Gov. Default: com.',
      pattern: 'com|eu|au|gov',
      example: 'eu',
    },
  ],
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: `https://app.${domain}/b/authorize`,
    tokenUrl: `https://api.${domain}/2.0/token`,
    revocation: { url: `https://api.${domain}/2.0/token`, method: 'DELETE', auth: 'token' },
    clientHosts: ['api.smartsheet.com', 'api.smartsheet.eu', 'api.smartsheet.au', 'api.smartsheetgov.com'],
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

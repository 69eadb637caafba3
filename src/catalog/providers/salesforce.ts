import { salesforceActions } from '../actions/salesforce.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'
import type { StreamDefinition } from '../definition/stream.ts'

const login = "https://{{ input.domain | default('login') }}.salesforce.com/services/oauth2"

export const salesforce: IntegrationDefinition = {
  displayName: 'Salesforce',
  docsUrl: 'https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_web_server_flow.htm',
  categories: ['crm'],
  // Each organisation has its own host, which the token response returns. Injected tokens supply it as extra.instance_url.
  baseUrl: '{{ kept.instance_url }}/services/data/v62.0',
  inputFields: [
    {
      name: 'domain',
      label: 'Login domain',
      description: 'What stands before .salesforce.com: login, test for a sandbox, or yours. Default: login.',
      pattern: '[A-Za-z0-9.-]+',
      example: 'acme.my',
    },
  ],
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: `${login}/authorize`,
    tokenUrl: `${login}/token`,
    revocation: { url: `${login}/revoke` },
    scopes: ['api', 'refresh_token'],
    tokenResponse: { keep: { instance_url: ['instance_url'], identity_url: ['id'] } },
    // The response has no expiry. The organisation's session settings decide it; the default is two hours.
    tokenLifetime: 'PT2H',
    // For apps with refresh token rotation. Otherwise the first refresh token stays valid.
    rotation: 'strict',
  },
  responseErrors: [
    { status: 401, path: [0, 'errorCode'], as: 'auth', message: [0, 'message'] },
    { path: [0, 'errorCode'], equals: 'REQUEST_LIMIT_EXCEEDED', as: 'rate_limit', message: [0, 'message'] },
    { path: [0, 'errorCode'], equals: 'SERVER_UNAVAILABLE', as: 'retry', message: [0, 'message'] },
    { status: 403, path: [0, 'errorCode'], as: 'fail', message: [0, 'message'] },
    { status: 400, path: [0, 'errorCode'], as: 'fail', message: [0, 'message'] },
    { status: 404, path: [0, 'errorCode'], as: 'fail', message: [0, 'message'] },
  ],
  testRequest: { path: '/limits' },
  streams: [
    objects('accounts', 'Account', 'Name, Type, Industry, Website, Phone, OwnerId'),
    objects('contacts', 'Contact', 'AccountId, FirstName, LastName, Email, Phone, Title, OwnerId'),
    objects('opportunities', 'Opportunity', 'AccountId, Name, StageName, Amount, CloseDate, IsClosed, IsWon, OwnerId'),
    objects('leads', 'Lead', 'FirstName, LastName, Company, Email, Phone, Status, LeadSource, OwnerId'),
  ],
  actions: salesforceActions,
}

function objects(name: string, object: string, fields: string): StreamDefinition {
  return {
    name,
    path: '/query',
    query: { q: `SELECT Id, ${fields}, CreatedDate, SystemModstamp FROM ${object} ORDER BY Id` },
    recordsPath: ['records'],
    primaryKey: [['Id']],
    pagination: { type: 'next_url', path: ['nextRecordsUrl'] },
  }
}

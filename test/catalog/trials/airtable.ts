import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const table = { base_id: 'appLkNDICXNqxSDhG', table: 'Places / visited' }

const path = 'https://api.airtable.com/v0/appLkNDICXNqxSDhG/Places%20%2F%20visited'

const actions: ActionExample[] = [
  {
    action: 'create_record',
    arguments: { ...table, fields: { Name: 'Union Square', Visited: true }, typecast: true },
    request: `POST ${path}`,
    body: { fields: { Name: 'Union Square', Visited: true }, typecast: true },
    answer: { body: { id: 'rec560UJdUtocSouk', fields: { Name: 'Union Square' } } },
    output: { id: 'rec560UJdUtocSouk', fields: { Name: 'Union Square' } },
  },
  {
    action: 'update_record',
    overwrites: true,
    arguments: { ...table, record_id: 'rec560UJdUtocSouk', fields: { Visited: false }, typecast: true },
    request: `PATCH ${path}/rec560UJdUtocSouk`,
    body: { fields: { Visited: false }, typecast: true },
    answer: { body: { id: 'rec560UJdUtocSouk', fields: { Name: 'Union Square' } } },
    output: { id: 'rec560UJdUtocSouk', fields: { Name: 'Union Square' } },
  },
  {
    action: 'get_record',
    arguments: { ...table, record_id: 'rec560UJdUtocSouk' },
    request: `GET ${path}/rec560UJdUtocSouk`,
    answer: { body: { id: 'rec560UJdUtocSouk', fields: { Name: 'Union Square' } } },
    output: { id: 'rec560UJdUtocSouk', fields: { Name: 'Union Square' } },
  },
  {
    action: 'list_records',
    arguments: { ...table, formula: '{Visited} = 1', view: 'Grid view', limit: 5, cursor: 'itr56/rec3' },
    request: `GET ${path}?filterByFormula=%7BVisited%7D%20%3D%201&view=Grid%20view&pageSize=5&offset=itr56%2Frec3`,
    answer: { body: { records: [{ id: 'rec560UJdUtocSouk' }], offset: 'itr56/rec4' } },
    output: { records: [{ id: 'rec560UJdUtocSouk' }], offset: 'itr56/rec4' },
  },
  {
    action: 'delete_record',
    arguments: { ...table, record_id: 'rec560UJdUtocSouk' },
    request: `DELETE ${path}/rec560UJdUtocSouk`,
    answer: { body: { id: 'rec560UJdUtocSouk', deleted: true } },
    output: { id: 'rec560UJdUtocSouk', deleted: true },
  },
  {
    action: 'list_tables',
    arguments: { base_id: 'appLkNDICXNqxSDhG' },
    request: 'GET https://api.airtable.com/v0/meta/bases/appLkNDICXNqxSDhG/tables',
    answer: { body: { tables: [{ id: 'tbltp8DGLhqbUmjK1', name: 'Apartments' }] } },
    output: [{ id: 'tbltp8DGLhqbUmjK1', name: 'Apartments' }],
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: 'oaaOpen.first',
        refresh_token: 'oarRefresh.first',
        token_type: 'Bearer',
        scope: 'data.records:read schema.bases:read',
        expires_in: 3600,
        refresh_expires_in: 5184000,
      },
    },
    accessToken: 'oaaOpen.first',
    refreshToken: 'oarRefresh.first',
    lifetimeSeconds: 3600,
    refreshLifetimeSeconds: 5184000,
    scopes: ['data.records:read', 'schema.bases:read'],
  },
  renewal: {
    answer: {
      body: {
        access_token: 'oaaOpen.second',
        refresh_token: 'oarRefresh.second',
        token_type: 'Bearer',
        expires_in: 3600,
        refresh_expires_in: 5184000,
      },
    },
    accessToken: 'oaaOpen.second',
    refreshToken: 'oarRefresh.second',
    lifetimeSeconds: 3600,
    refreshLifetimeSeconds: 5184000,
  },
  refusals: [
    {
      what: 'renewal',
      answer: {
        status: 400,
        body: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' },
      },
      reason: 'INVALID_GRANT',
      says: 'expired or revoked',
    },
  ],
  test: {
    asks: 'GET api.airtable.com/v0/meta/whoami',
    headers: { authorization: 'Bearer oaaOpen.first' },
    good: { body: { id: 'usrL2PNC5o3H4lBEi', scopes: ['schema.bases:read'] } },
    refused: {
      answer: { status: 401, body: { error: { type: 'AUTHENTICATION_REQUIRED', message: 'Authentication required' } } },
      says: 'Authentication required',
    },
  },
  streams: [
    {
      name: 'bases',
      pages: [
        {
          body: {
            bases: [{ id: 'appLkNDICXNqxSDhG', name: 'Apartment Hunting' }],
            offset: 'itr23sEjsdfEr3282/appSW9R5uCNmRmfl6',
          },
        },
        { body: { bases: [{ id: 'appSW9R5uCNmRmfl6', name: 'Project Tracker' }] } },
      ],
      keys: ['appLkNDICXNqxSDhG', 'appSW9R5uCNmRmfl6'],
      asksFor: 'offset=itr23sEjsdfEr3282/appSW9R5uCNmRmfl6',
      limited: {
        status: 429,
        body: { errors: [{ error: 'RATE_LIMIT_REACHED', message: 'Rate limit exceeded. Please try again later' }] },
      },
    },
    {
      name: 'tables',
      parent: { id: 'appLkNDICXNqxSDhG' },
      pages: [
        { body: { tables: [{ id: 'tbltp8DGLhqbUmjK1', name: 'Apartments', primaryFieldId: 'fld1VnoyuotSTyxW1' }] } },
      ],
      keys: ['parent/tbltp8DGLhqbUmjK1'],
      asksFor: '/v0/meta/bases/appLkNDICXNqxSDhG/tables',
    },
  ],
  actions,
}

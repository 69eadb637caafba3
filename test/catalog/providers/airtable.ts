import type { ProviderTrial } from './trial.ts'

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
}

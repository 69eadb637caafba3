import { rsa } from '../../auth/signature/keys.ts'
import type { ProviderTrial } from '../providers/trial.ts'
import { trial as github } from './github.ts'

const suspended = {
  status: 403,
  body: { message: 'This installation has been suspended', documentation_url: 'https://docs.github.com/rest' },
}

export const trial: ProviderTrial = {
  // The keys that GitHub generates have the form of PKCS #1.
  credential: {
    fields: { app_id: 'Iv23liABCDEF', private_key: rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString() },
  },
  renewal: {
    answer: {
      status: 201,
      body: {
        token: 'ghs_16C7e42F292c6912E7710c838347Ae178B4a',
        expires_at: '2026-07-01T13:00:00Z',
        permissions: { issues: 'read', metadata: 'read' },
        repository_selection: 'all',
      },
    },
    accessToken: 'ghs_16C7e42F292c6912E7710c838347Ae178B4a',
    lifetimeSeconds: 3600,
  },
  refusals: [
    {
      what: 'renewal',
      answer: {
        status: 401,
        body: { message: 'A JSON web token could not be decoded', documentation_url: 'https://docs.github.com/rest' },
      },
      reason: 'INVALID_GRANT',
      says: 'could not be decoded',
    },
    { what: 'renewal', answer: suspended, reason: 'INVALID_GRANT', says: 'suspended' },
  ],
  hints: [
    {
      what: 'renewal',
      answer: suspended,
      says: 'This installation has been suspended',
      cause: 'is suspended',
    },
    {
      what: 'request',
      answer: {
        status: 403,
        body: {
          message: 'Resource not accessible by integration',
          documentation_url: 'https://docs.github.com/rest/issues/issues',
        },
      },
      says: 'Resource not accessible by integration',
      cause: 'lacks a permission',
    },
  ],
  test: {
    asks: 'GET api.github.com/installation/repositories?per_page=1',
    headers: {
      authorization: 'Bearer ghs_16C7e42F292c6912E7710c838347Ae178B4a',
      accept: 'application/vnd.github+json',
    },
    good: { body: { total_count: 1, repositories: [{ id: 1296269, name: 'Hello-World' }] } },
    refused: {
      answer: { status: 401, body: { message: 'Bad credentials', documentation_url: 'https://docs.github.com/rest' } },
      says: 'Bad credentials',
    },
  },
  streams: [
    {
      name: 'repositories',
      pages: [
        {
          headers: {
            link: '<https://api.github.com/installation/repositories?per_page=100&page=2>; rel="next"',
          },
          body: { total_count: 2, repositories: [{ id: 1296269, name: 'Hello-World', owner: { login: 'octocat' } }] },
        },
        { body: { total_count: 2, repositories: [{ id: 1296270, name: 'Spoon', owner: { login: 'octocat' } }] } },
      ],
      keys: ['1296269', '1296270'],
      asksFor: 'page=2',
    },
    {
      name: 'issues',
      parent: { id: 1296269, name: 'Hello-World', owner: { login: 'octocat' } },
      pages: [{ body: [{ id: 1, number: 1347, title: 'Found a bug' }] }],
      keys: ['parent/1'],
      asksFor: '/repos/octocat/Hello-World/issues',
    },
  ],
  // The same payloads. The installation is an input of the connection.
  webhook: github.webhook && {
    ...github.webhook,
    connection: { input: { installation_id: '79929171' } },
  },
}

import { describe, expect, it } from 'vitest'
import type { CustomStrategy } from '../../src/auth/custom/custom-strategy.ts'
import { strategyOf } from '../../src/auth/registry.ts'
import type { AuthKind } from '../../src/catalog/definition/auth.ts'
import type { DefinitionInput } from '../../src/catalog/definition/definition.ts'
import { UnsupportedError } from '../../src/kit/errors.ts'
import { describeStrategy } from './contract.ts'

const oauth2 = { type: 'oauth2', tokenUrl: 'https://auth.example.com/token' } as const
const pair = [
  { name: 'email', required: true, example: 'ada@example.com' },
  { name: 'key', secret: true, required: true, pattern: '[a-z]{4}-.+', example: 'abcd-1' },
]

const hmac = {
  type: 'signature',
  method: 'hmac',
  key: '{{ config.key }}',
  hash: 'sha256',
  encoding: 'hex',
  fields: pair,
  message: "{{ method ~ '\\n' ~ path ~ '\\n' ~ body ~ '\\n' ~ timestamp ~ '\\n' ~ nonce }}",
} as const
const jwt = { type: 'jwt', algorithm: 'HS256', key: '{{ config.key }}', fields: pair } as const
const oauth1 = {
  type: 'oauth1',
  requestTokenUrl: 'https://auth.example.com/request',
  authorizationUrl: 'https://auth.example.com/authorize',
  accessTokenUrl: 'https://auth.example.com/access',
} as const
const session = {
  type: 'session_token',
  tokenPath: 'token',
  placement: { in: 'header', name: 'X-Session' },
  fields: pair,
  login: { url: 'https://api.example.com/login', json: { user: '{{ config.email }}', key: '{{ config.key }}' } },
} as const
const selective: DefinitionInput['auth'] = {
  type: 'selective',
  options: [
    { key: 'key', label: 'API key', auth: { type: 'api_key', placement: { in: 'header', name: 'X-Key' } } },
    { key: 'login', label: 'Login', auth: session },
    { key: 'oauth', label: 'OAuth', auth: { ...oauth2, grant: 'client_credentials' } },
  ],
}

const tenant: CustomStrategy = {
  name: 'tenant-key',
  fields: () => [
    { name: 'tenant', required: true },
    { name: 'key', secret: true, required: true },
  ],
  open: ({ fields }, { place }) => ({
    apply(draft) {
      place(draft, { in: 'header', name: 'X-Tenant' }, fields['tenant'] ?? '')
      place(draft, { in: 'header', name: 'X-Key' }, fields['key'] ?? '')
    },
  }),
}
const customStrategies = new Map([[tenant.name, tenant]])

/** At least one for each auth type. A missing type does not compile. */
const cases: Record<AuthKind, DefinitionInput['auth']> & Record<string, DefinitionInput['auth']> = {
  none: { type: 'none' },
  basic: { type: 'basic' },
  'basic with fields of its own': {
    type: 'basic',
    fields: pair,
    username: "{{ config['email'] }}/token",
    password: "{{ config['key'] }}",
  },
  bearer: { type: 'bearer' },
  'bearer with fields of its own': {
    type: 'bearer',
    fields: pair,
    token: '{{ config.email | b64encode }}.{{ config.key }}',
  },
  api_key: { type: 'api_key', placement: { in: 'header', name: 'X-Key' } },
  'API key in a header with a prefix': { type: 'api_key', placement: { in: 'header', name: 'X-Key', prefix: 'Key ' } },
  'API key in the query': { type: 'api_key', placement: { in: 'query', name: 'key' } },
  'API key in a form': { type: 'api_key', placement: { in: 'form', name: ['auth', 'key'] } },
  'API key in JSON': { type: 'api_key', placement: { in: 'json', name: ['auth', 0, 'key'] } },
  'API key in a cookie': { type: 'api_key', placement: { in: 'cookie', name: 'sid' } },
  oauth2: { ...oauth2, grant: 'refresh_token', scopes: ['a'] },
  'OAuth2 authorization code': {
    ...oauth2,
    grant: 'authorization_code',
    authorizationUrl: 'https://auth.example.com/a',
  },
  'OAuth2 refresh token': { ...oauth2, grant: 'refresh_token' },
  'OAuth2 client credentials': { ...oauth2, grant: 'client_credentials' },
  'OAuth2 custom grant': { ...oauth2, grant: 'custom', grantType: 'account_credentials', fields: pair },
  session_token: session,
  'session token for a time': { ...session, lifetime: 'PT1H' },
  jwt,
  'JWT for a time, in the query': { ...jwt, lifetime: 'PT10M', placement: { in: 'query', name: 'jwt' } },
  signature: {
    type: 'signature',
    method: 'aws_sigv4',
    region: 'eu-west-1',
    service: 'execute-api',
    fields: [
      { name: 'id', required: true },
      { name: 'secret', secret: true, required: true },
    ],
    accessKeyId: '{{ config.id }}',
    secretAccessKey: '{{ config.secret }}',
  },
  'AWS with a role': {
    type: 'signature',
    method: 'aws_sigv4',
    region: 'eu-west-1',
    service: 'execute-api',
    fields: pair,
    accessKeyId: '{{ config.email }}',
    secretAccessKey: '{{ config.key }}',
    assumeRole: { roleArn: 'arn:aws:iam::123456789012:role/reader' },
  },
  WSSE: {
    type: 'signature',
    method: 'wsse',
    fields: pair,
    username: '{{ config.email }}',
    password: '{{ config.key }}',
  },
  'HMAC in a header': {
    ...hmac,
    placement: { in: 'header', name: 'X-Signature' },
    timestamp: { in: 'header', name: 'X-Time', format: 'iso8601' },
  },
  'HMAC in a form': { ...hmac, placement: { in: 'form', name: 'sign' }, nonce: { in: 'query', name: 'nonce' } },
  oauth1,
  'OAuth 1.0a with a supplied token': { type: 'oauth1', signature: 'HMAC-SHA256', realm: '1234567' },
  'OAuth 1.0a in plain text': { ...oauth1, signature: 'PLAINTEXT' },
  selective,
  custom: { type: 'custom', strategy: 'tenant-key' },
}

for (const [name, auth] of Object.entries(cases)) describeStrategy(name, auth, customStrategies)

describe('strategyOf', () => {
  it('throws for a custom strategy that the deployment does not have, and names the existing ones', () => {
    expect(() => strategyOf({ type: 'custom', strategy: 'mine' })).toThrow(UnsupportedError)
    expect(() => strategyOf({ type: 'custom', strategy: 'mine' }, customStrategies)).toThrow('tenant-key')
  })
})

import { describe, expect, it } from 'vitest'
import { parseDefinition } from '../../../src/catalog/definition/definition.ts'
import { importNango } from '../../../src/catalog/import/nango/nango.ts'
import type { ImportReport } from '../../../src/catalog/import/report.ts'
import { isRecord } from '../../../src/catalog/template/value.ts'

function isOne(report: ReturnType<typeof importNango>): report is ImportReport {
  return 'auth' in report && 'result' in report.auth
}

/** The report about the provider `example`. */
function imported(yaml: string, slug = 'example'): ImportReport {
  const report = importNango(yaml, { provider: slug })
  if (!isOne(report)) throw new Error('There is more than one report.')
  return report
}

function definitionIn(yaml: string, slug?: string): Record<string, unknown> {
  const { definition, auth } = imported(yaml, slug)
  if (definition === null) throw new Error(auth.notes.join('\n'))
  parseDefinition(definition)
  return definition
}

/** The provider `example` of an API key, whose further keys are given. */
function withKey(proxy: string, more = ''): string {
  return `example:
  display_name: Example
  auth_mode: API_KEY
  docs: https://docs.example.com
  proxy:
    base_url: https://api.example.com/v1/
${proxy.replaceAll(/^/gm, '    ')}
${more.replaceAll(/^/gm, '  ')}`
}

describe('importNango: client certificates', () => {
  it('makes a clientCertificate, whose texts are checked by what they contain', () => {
    const pattern = "'^-----BEGIN CERTIFICATE-----.*$'"
    const { auth } = definitionIn(`example:
  display_name: Example
  auth_mode: OAUTH2_CC
  proxy: { base_url: https://api.example.com }
  token_url: https://accounts.example.com/token
  token_params: { grant_type: client_credentials }
  require_client_certificate: true
  credentials:
    client_certificate: { type: string, title: Public certificate, pattern: ${pattern}, secret: true }
    client_private_key: { type: string, title: Private key, pattern: ${pattern}, secret: true }
`)
    expect(auth).toEqual({
      type: 'oauth2',
      grant: 'client_credentials',
      // Nango's own.
      tokenLifetime: 'PT55M',
      tokenUrl: 'https://accounts.example.com/token',
      clientCertificate: {
        certificate: "{{ config['client_certificate'] }}",
        key: "{{ config['client_private_key'] }}",
      },
      fields: [
        { name: 'client_certificate', label: 'Public certificate', required: true, secret: true },
        { name: 'client_private_key', label: 'Private key', required: true, secret: true },
        { name: 'client_id', label: 'Client ID', required: true },
        { name: 'client_secret', label: 'Client secret', required: true, secret: true },
      ],
    })
  })
})

describe('importNango: API keys', () => {
  it('makes a bearer token of a header Authorization: Bearer', () => {
    const definition = definitionIn(withKey("headers: { authorization: 'Bearer ${apiKey}' }"))
    expect(definition).toEqual({
      displayName: 'Example',
      docsUrl: 'https://docs.example.com',
      baseUrl: 'https://api.example.com/v1',
      auth: {
        type: 'bearer',
        fields: [{ name: 'api_key', label: 'API key', required: true, secret: true }],
        token: "{{ config['api_key'] }}",
      },
    })
  })

  it('keeps the prefix of a header, and takes the other headers over', () => {
    const { auth, headers, inputFields } = definitionIn(
      withKey(
        "headers: { authorization: 'Token token=${apiKey}', x-account: '${connectionConfig.account}' }",
        'connection_config: { account: { type: string, title: Account, pattern: "^[0-9]+$", example: "12" } }',
      ),
    )
    expect(auth).toMatchObject({ placement: { in: 'header', name: 'Authorization', prefix: 'Token token=' } })
    expect(headers).toEqual({ 'x-account': "{{ input['account'] }}" })
    expect(inputFields).toEqual([
      { name: 'account', label: 'Account', required: true, pattern: '^[0-9]+$', example: '12' },
    ])
  })

  it('makes basic authentication of base64(key:)', () => {
    const { auth } = definitionIn(withKey("headers: { authorization: 'Basic ${base64(${apiKey}:)}' }"))
    expect(auth).toMatchObject({ type: 'basic', username: "{{ config['api_key'] }}", password: '' })
  })

  it('puts the key into the query', () => {
    const { auth } = definitionIn(withKey("query: { key: '${apiKey}' }"))
    expect(auth).toMatchObject({ type: 'api_key', placement: { in: 'query', name: 'key' } })
  })

  it('refuses a key without a place, and says so', () => {
    expect(imported(withKey('headers: { accept: application/json }'))).toEqual({
      definition: null,
      auth: { result: 'refused', notes: [expect.stringContaining('does not say where the API key is sent')] },
      streams: [],
      actions: [],
    })
  })

  it('makes a secret of a value that is one by its name, and no input that everybody sees', () => {
    const { auth, inputFields, headers } = definitionIn(
      withKey("headers: { authorization: 'Bearer ${apiKey}', x-app-secret: '${connectionConfig.appSecret}' }"),
    )
    expect(inputFields).toBeUndefined()
    expect(headers).toEqual({ 'x-app-secret': "{{ config['appSecret'] }}" })
    expect(JSON.stringify(auth)).toContain('"name":"appSecret","label":"App secret","required":true,"secret":true')
  })

  it('makes a test request of the verification, with its body', () => {
    const verification = "verification: { method: POST, endpoints: ['search?all=1'], data: { size: 1 } }"
    const { testRequest } = definitionIn(withKey(`headers: { x-key: '\${apiKey}' }\n${verification}`))
    expect(testRequest).toEqual({ method: 'POST', path: '/search?all=1', json: { size: 1 } })
  })

  it('makes a test request of a verification at another host, which may get the credential', () => {
    const verification =
      "verification: { method: GET, base_url_override: 'https://other.example.com/', endpoints: [/me], headers: { x-version: '2', x-key: a } }"
    const { definition, auth } = imported(withKey(`headers: { x-key: '\${apiKey}' }\n${verification}`))
    expect(definition).toMatchObject({
      hosts: ['other.example.com'],
      testRequest: { baseUrl: 'https://other.example.com', path: '/me', headers: { 'x-version': '2' } },
    })
    expect(auth).toEqual({ result: 'imported', notes: [] })
  })

  it('leaves out a verification at a host that depends on the connection, with a note', () => {
    const verification =
      "verification: { method: GET, base_url_override: 'https://${connectionConfig.sub}.example.com', endpoints: [/me] }"
    const { definition, auth } = imported(withKey(`headers: { x-key: '\${apiKey}' }\n${verification}`))
    expect(definition).not.toHaveProperty('testRequest')
    expect(auth).toEqual({
      result: 'imported',
      notes: ['There is no testRequest, because Nango sends it to a host that depends on the connection.'],
    })
  })

  it('leaves out a pattern that RE2 does not have, with a note', () => {
    const { definition, auth } = imported(
      withKey("headers: { x-key: '${apiKey}' }", "credentials: { apiKey: { type: string, pattern: '^(?=a)b$' } }"),
    )
    expect(JSON.stringify(definition)).not.toContain('(?=a)')
    expect(auth.notes).toEqual([expect.stringContaining('The pattern of api_key is left out')])
  })
})

describe('importNango: base URLs', () => {
  const base = (url: string) =>
    definitionIn(withKey("headers: { x-key: '${apiKey}' }").replace('https://api.example.com/v1/', url))['baseUrl']

  it('chooses the second part of a host when the first value is absent', () => {
    expect(base('https://${connectionConfig.sub}.example.com || https://api.example.com')).toBe(
      "https://{{ input['sub'] | default('api', true) }}.example.com",
    )
  })

  it('chooses between whole URLs when their hosts differ by more than one part', () => {
    expect(base('https://${connectionConfig.host}:8080/v1 || https://api.example.com/v1')).toBe(
      "{{ 'https://' ~ input['host'] ~ ':8080' if input['host'] else 'https://api.example.com' }}/v1",
    )
  })

  it('does not require the value that has an alternative', () => {
    const yaml = withKey("headers: { x-key: '${apiKey}', x-version: '${connectionConfig.version} || 2025-01-20' }")
    const { headers, inputFields } = definitionIn(yaml)
    expect(headers).toEqual({ 'x-version': "{{ input['version'] | default('2025-01-20', true) }}" })
    expect(inputFields).toEqual([{ name: 'version', label: 'Version' }])
  })

  it('asks for the base URL of a provider that has none', () => {
    const { baseUrl, inputFields } = definitionIn('example: { auth_mode: NONE }')
    expect({ baseUrl, inputFields }).toMatchObject({
      baseUrl: "{{ input['base_url'] }}",
      inputFields: [{ name: 'base_url', required: true }],
    })
  })
})

describe('importNango: OAuth', () => {
  const oauth = (more: string) => `example:
  display_name: Example
  auth_mode: OAUTH2
  authorization_url: https://\${connectionConfig.region}.example.com/authorize
  token_url: https://\${connectionConfig.region}.example.com/token
  proxy: { base_url: 'https://\${connectionConfig.region}.example.com' }
${more.replaceAll(/^/gm, '  ')}`

  it('translates scopes, names, parameters and what is kept', () => {
    const { auth } = definitionIn(
      oauth(`default_scopes: [read, write]
scope_separator: ','
disable_pkce: true
token_request_auth_method: basic
body_format: json
authorization_params: { response_type: code, access_type: offline }
token_params: { grant_type: authorization_code, audience: api }
authorization_url_replacements: { 'client_id=': 'app_id=' }
authorization_code_param_in_callback: auth_code
redirect_uri_metadata: [realmId]
token_response_metadata: [team.id]
expires_in_unit: milliseconds`),
    )
    expect(auth).toMatchObject({
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: "https://{{ input['region'] }}.example.com/authorize",
      authorizationParams: { access_type: 'offline' },
      authorizationNames: { client_id: 'app_id' },
      authorizationResponse: { code: 'auth_code' },
      callbackKeep: { realmId: 'realmId' },
      scopes: ['read', 'write'],
      scopeSeparator: ',',
      pkce: 'none',
      clientAuth: 'client_secret_basic',
      clientHosts: ['*.example.com'],
      tokenRequest: { format: 'json', params: { audience: 'api' } },
      tokenResponse: { expiry: { format: 'milliseconds' }, keep: { 'team.id': 'team.id' } },
    })
  })

  it('names the hosts of the client where the input is a choice', () => {
    const { auth } = definitionIn(oauth('connection_config: { region: { type: string, enum: [eu, us] } }'))
    expect(auth).toMatchObject({ clientHosts: ['eu.example.com', 'us.example.com'] })
  })

  it('reads a value from the token response and not from the person', () => {
    const { baseUrl, inputFields } = definitionIn(
      oauth(
        "token_response_metadata: [instance_url]\nproxy: { base_url: '${connectionConfig.instance_url}/api' }",
      ).replace(/^ {2}proxy: .*example\.com' \}\n/m, ''),
    )
    expect(baseUrl).toBe("{{ kept['instance_url'] }}/api")
    expect(JSON.stringify(inputFields)).not.toContain('instance_url')
  })

  it('places the token where the headers have it', () => {
    const { auth } = definitionIn(
      oauth('').replace(
        /proxy: .*/,
        "proxy: { base_url: https://api.example.com, headers: { authorization: 'Zoho ${accessToken}' } }",
      ),
    )
    expect(auth).toMatchObject({ placement: { in: 'header', name: 'Authorization', prefix: 'Zoho ' } })
  })

  it('inherits from the provider that it is an alias of, and replaces the base URL', () => {
    const yaml = `${oauth('')}\nother:\n  display_name: Other\n  alias: example\n  proxy: { base_url: https://other.example.com }`
    expect(definitionIn(yaml, 'other')).toMatchObject({
      displayName: 'Other',
      baseUrl: 'https://other.example.com',
      auth: { type: 'oauth2' },
    })
  })

  it('refuses an alias of itself', () => {
    expect(imported('example: { alias: example }').auth.notes).toEqual(['It is an alias of an alias without end.'])
  })

  it('makes the client of OAUTH2_CC fields of the credential', () => {
    const { auth } = definitionIn(`example:
  auth_mode: OAUTH2_CC
  token_url: https://api.example.com/token
  token_params: { grant_type: client_credentials, audience: api }
  proxy: { base_url: https://api.example.com }`)
    expect(auth).toMatchObject({
      grant: 'client_credentials',
      fields: [{ name: 'client_id' }, { name: 'client_secret', secret: true }],
      tokenRequest: { params: { audience: 'api' } },
    })
  })

  it('does not send a grant type that Nango does not send', () => {
    const { auth } = definitionIn(`example:
  auth_mode: OAUTH2_CC
  token_url: https://api.example.com/token
  token_request_auth_method: custom
  body_format: json
  proxy: { base_url: https://api.example.com }`)
    expect(auth).toMatchObject({
      type: 'session_token',
      login: { json: { username: "{{ config['client_id'] }}", password: "{{ config['client_secret'] }}" } },
    })
  })

  it('refuses OAuth 1 with a signature that the definition does not have', () => {
    const { auth } = imported(`example:
  auth_mode: OAUTH1
  request_url: https://api.example.com/request
  authorization_url: https://api.example.com/authorize
  token_url: https://api.example.com/token
  signature_method: RSA-SHA1
  proxy: { base_url: https://api.example.com }`)
    expect(auth).toMatchObject({ result: 'refused', notes: [expect.stringContaining('RSA-SHA1')] })
  })
})

describe('importNango: logins', () => {
  const login = (more: string) => `example:
  auth_mode: TWO_STEP
  token_url: https://api.example.com/login
  token_response: { token: data.token, token_expiration: data.ttl, token_expiration_strategy: expireIn }
  proxy: { base_url: https://api.example.com }
  credentials: { username: { type: string, title: User }, password: { type: string, title: Password } }
${more.replaceAll(/^/gm, '  ')}`

  it('sends a form with basic authentication and reads token and expiry', () => {
    const { auth } = definitionIn(
      login(`body_format: form
token_params: { grant_type: password, username: '\${credentials.username}' }
token_headers: { authorization: 'Basic \${base64(\${credentials.username}:\${credentials.password})}', content-type: application/x-www-form-urlencoded }`),
    )
    expect(auth).toEqual({
      type: 'session_token',
      login: {
        url: 'https://api.example.com/login',
        auth: { type: 'basic', username: "{{ config['username'] }}", password: "{{ config['password'] }}" },
        form: { grant_type: 'password', username: "{{ config['username'] }}" },
      },
      fields: [
        { name: 'username', label: 'User', required: true },
        { name: 'password', label: 'Password', required: true, secret: true },
      ],
      tokenPath: 'data.token',
      expiry: { path: 'data.ttl', format: 'seconds' },
      lifetime: 'P1D',
      placement: { in: 'header', name: 'Authorization', prefix: 'Bearer ' },
    })
  })

  it('keeps the types of JSON, and uses a hidden credential as it is', () => {
    const yaml = login(
      "token_params: { user: { name: '${credentials.username}', pin: '${credentials.pin}', remember: true } }",
    )
    const { auth } = definitionIn(
      yaml.replace('credentials: {', 'credentials: { pin: { hidden: true, default_value: none },'),
    )
    expect(auth).toMatchObject({
      login: { json: { user: { name: "{{ config['username'] }}", pin: 'none', remember: true } } },
    })
    expect(JSON.stringify(auth)).not.toContain('"name":"pin"')
  })

  it('does not take another header for that of the token', () => {
    const { auth, headers } = definitionIn(
      login('').replace(
        /proxy: .*/,
        "proxy: { base_url: https://api.example.com, headers: { x-user: '${credentials.username}' } }",
      ),
    )
    expect(auth).toMatchObject({ placement: { name: 'Authorization' } })
    expect(headers).toEqual({ 'x-user': "{{ config['username'] }}" })
  })

  it('reads the instant at which a token ends, in whatever form', () => {
    const { auth } = definitionIn(login('').replace('expireIn', 'expireAt'))
    expect(auth).toMatchObject({ expiry: { path: 'data.ttl' }, lifetime: 'P1D' })
    expect(JSON.stringify(auth)).not.toContain('"format"')
  })

  it('refuses a login in XML', () => {
    expect(imported(login('body_format: xml')).auth).toEqual({
      result: 'refused',
      notes: ['It sends the login as xml.'],
    })
  })

  it('signs a JWT for the App Store', () => {
    const { auth } = definitionIn(`example:
  auth_mode: JWT
  signature: { protocol: EC }
  token:
    signing_key: \${credentials.privateKey}
    expires_in_ms: 900000
    header: { alg: ES256, kid: '\${credentials.privateKeyId}', typ: JWT }
    payload: { iss: '\${credentials.issuerId}', aud: appstoreconnect-v1 }
  proxy: { base_url: https://api.example.com }`)
    expect(auth).toMatchObject({
      type: 'jwt',
      algorithm: 'ES256',
      key: "{{ config['privateKey'] }}",
      headers: { kid: "{{ config['privateKeyId'] }}" },
      claims: { iss: "{{ config['issuerId'] }}", aud: 'appstoreconnect-v1' },
      lifetime: 'PT15M',
    })
  })
})

describe('importNango: after connecting', () => {
  const consent = (script: string, proxy: string, more = '') => `example:
  auth_mode: OAUTH2
  authorization_url: https://example.com/authorize
  token_url: https://example.com/token
  post_connection_script: ${script}
  proxy: ${proxy}
  ${more}`
  const regional =
    "{ base_url: 'https://${connectionConfig.dc}.api.mailchimp.com', headers: { 'x-user': '${connectionConfig.user}' } }"
  const automated = '{ type: string, automated: true }'

  it('asks for what the templates read, and people for the rest', () => {
    const { definition, auth } = imported(
      consent('mailchimpPostConnection', regional, `connection_config: { dc: ${automated}, user: { type: string } }`),
    )
    expect(definition).toMatchObject({
      baseUrl: "https://{{ kept['dc'] }}.api.mailchimp.com",
      afterConnect: [{ path: 'https://login.mailchimp.com/oauth2/metadata', keep: { dc: ['dc'] } }],
      inputFields: [{ name: 'user' }],
    })
    expect(auth).toEqual({ result: 'imported', notes: [] })
  })

  it('leaves out a request that may be refused and that nothing needs', () => {
    const { definition, auth } = imported(consent('zoomPostConnection', '{ base_url: https://api.zoom.us/v2 }'))
    expect(definition).not.toHaveProperty('afterConnect')
    expect(auth.notes).toEqual(['The post connection script zoomPostConnection is left out.'])
    const account = "{ base_url: 'https://api.zoom.us/v2/${connectionConfig.accountId}' }"
    expect(definitionIn(consent('zoomPostConnection', account))).toMatchObject({
      baseUrl: "https://api.zoom.us/v2/{{ kept['accountId'] }}",
      afterConnect: [{ path: '/users/me', keep: { accountId: ['account_id'] } }],
    })
  })

  it('does not keep what people supply, what another script finds, and what is found without a consent', () => {
    const config = 'connection_config: { dc: { type: string }, user: { type: string } }'
    const supplied = imported(consent('mailchimpPostConnection', regional, config))
    expect(supplied.definition).toMatchObject({ baseUrl: "https://{{ input['dc'] }}.api.mailchimp.com" })
    const other = imported(consent('otherPostConnection', regional))
    expect(other.definition).toMatchObject({ baseUrl: "https://{{ input['dc'] }}.api.mailchimp.com" })
    expect(other.auth.notes).toContain('The post connection script otherPostConnection is left out.')
    const keyed = imported(consent('mailchimpPostConnection', regional).replace('OAUTH2', 'OAUTH2_CC'))
    expect(keyed.definition).toMatchObject({ baseUrl: "https://{{ input['dc'] }}.api.mailchimp.com" })
    expect(keyed.definition).not.toHaveProperty('afterConnect')
  })
})

describe('importNango: modes of single providers', () => {
  const proxy = (headers = '{}') => `proxy: { base_url: https://api.example.com, headers: ${headers} }`

  it('logs in to BILL, and sends the developer key with every request', () => {
    const headers = "{ sessionId: '${session_id}', devKey: '${dev_key}' }"
    const made = definitionIn(
      `example: { auth_mode: BILL, token_url: https://api.example.com/login, ${proxy(headers)} }`,
    )
    expect(made['headers']).toEqual({ devKey: "{{ config['dev_key'] }}" })
    expect(made['auth']).toMatchObject({
      login: { json: { devKey: "{{ config['dev_key'] }}", username: "{{ config['username'] }}" } },
      tokenPath: 'sessionId',
      placement: { in: 'header', name: 'sessionId' },
    })
  })

  it('logs in to TABLEAU, whose default site has an empty name', () => {
    const yaml = `example: { auth_mode: TABLEAU, token_url: https://api.example.com/signin, ${proxy("{ x-tableau-auth: '${token}' }")} }`
    const { auth } = definitionIn(yaml)
    expect(auth).toMatchObject({
      login: { json: { credentials: { site: { contentUrl: "{{ config['content_url'] | default('') }}" } } } },
      placement: { in: 'header', name: 'x-tableau-auth' },
    })
    expect(JSON.stringify(auth)).toContain('{"name":"content_url","label":"Content URL of the site"}')
  })

  const installation = "'https://api.example.com/installations/${connectionConfig.installation_id}/access_tokens'"

  it('exchanges the JWT of an APP for a token of its installation', () => {
    const { auth, inputFields } = definitionIn(`example: { auth_mode: APP, token_url: ${installation}, ${proxy()} }`)
    expect(inputFields).toMatchObject([{ name: 'installation_id', required: true }])
    expect(auth).toMatchObject({
      login: { auth: { type: 'jwt', algorithm: 'RS256', claims: { iss: "{{ config['app_id'] }}" } } },
      tokenPath: 'token',
      expiry: { path: 'expires_at', format: 'iso8601' },
      fields: [{ name: 'app_id' }, { name: 'private_key', secret: true }],
    })
  })

  it('offers OAuth and the installation for CUSTOM', () => {
    const { auth } = definitionIn(`example:
  auth_mode: CUSTOM
  authorization_url: https://example.com/authorize
  token_url: { OAUTH2: 'https://example.com/token', APP: ${installation} }
  ${proxy()}`)
    expect(auth).toMatchObject({
      type: 'selective',
      options: [
        { key: 'oauth', auth: { type: 'oauth2', tokenUrl: 'https://example.com/token' } },
        { key: 'app', auth: { type: 'session_token', fields: [{ name: 'app_id' }, { name: 'private_key' }] } },
      ],
    })
  })

  it('makes basic authentication of INSTALL_PLUGIN, and refuses a mode that is not known', () => {
    expect(definitionIn(`example: { auth_mode: INSTALL_PLUGIN, ${proxy()} }`)).toMatchObject({
      auth: { type: 'basic' },
    })
    expect(imported(`example: { auth_mode: TELEPATHY, ${proxy()} }`).auth.notes).toEqual([
      'It has the auth_mode TELEPATHY, which is not known.',
    ])
  })
})

describe('importNango: files', () => {
  const two = 'one: { auth_mode: NONE }\ntwo: { auth_mode: API_KEY, proxy: { base_url: https://a.example.com } }'

  it('reports each provider, also below providers', () => {
    for (const text of [two, `providers:\n${two.replaceAll(/^/gm, '  ')}`]) {
      const reports = importNango(text)
      expect(
        Object.entries(reports).map(([slug, report]) => [
          slug,
          isRecord(report) && isRecord(report['auth']) && report['auth']['result'],
        ]),
      ).toEqual([
        ['one', 'imported'],
        ['two', 'refused'],
      ])
    }
  })

  it('refuses a slug that is not there, a text without providers and a text that is not YAML', () => {
    expect(imported(two, 'three').auth.notes).toEqual(['The file has no provider three.'])
    expect(importNango('')).toMatchObject({ definition: null, auth: { notes: ['The file has no providers.'] } })
    expect(importNango('a: [')).toMatchObject({ auth: { notes: [expect.stringMatching(/^Line 1: is not YAML/)] } })
  })

  it('does not read a provider from the prototype of objects', () => {
    expect(imported(two, 'constructor').auth.notes).toEqual(['The file has no provider constructor.'])
  })

  it('refuses functions within functions without end', () => {
    const nested = `${'${base64('.repeat(20_000)}${')}'.repeat(20_000)}`
    const report = imported(withKey(`headers: { x-key: '${nested}', x-other: '\${apiKey}' }`))
    expect(report.auth).toEqual({ result: 'refused', notes: ['It calls functions within functions too deeply.'] })
  })

  it('never shows the values of a provider in a note', () => {
    const { auth } = imported(withKey("headers: { x-key: 'hunter2${nothing}${apiKey}' }"))
    expect(auth.result).toBe('refused')
    expect(JSON.stringify(auth)).not.toContain('hunter2')
  })
})

describe('importNango: what the provider file does not show', () => {
  const oauth = (slug: string, more = '') => `${slug}:
  display_name: Example
  auth_mode: OAUTH2
  authorization_url: https://example.com/authorize
  token_url: https://example.com/token
  token_params: { grant_type: authorization_code }
  refresh_params: { grant_type: refresh_token }
  proxy: { base_url: https://api.example.com }
${more.replaceAll(/^/gm, '  ')}`

  it('sends the parameters of renewals with renewals only', () => {
    const { auth } = definitionIn(
      oauth('example').replace(
        /token_params: .*\n.*/,
        'token_params: { audience: api }\n  refresh_params: { resource: "${connectionConfig.account}" }',
      ),
    )
    expect(auth).toMatchObject({
      tokenRequest: { params: { audience: 'api' }, refreshParams: { resource: "{{ input['account'] }}" } },
    })
  })

  it('names no parameters of renewals when they are those of the code', () => {
    expect(definitionIn(oauth('example'))['auth']).not.toHaveProperty('tokenRequest')
  })

  it.each([
    ['tiktok-personal', { tokenRequest: { names: { client_id: 'client_key' } } }],
    ['jobber', { tokenLifetime: 'PT1H', tokenRequest: { omit: ['redirect_uri'] } }],
    ['posthog-oauth', { clientAuth: 'none' }],
    ['figjam', { tokenRequest: { format: 'json' } }],
    ['slack', { tokenResponse: { errorWhen: { path: 'ok', equals: false } } }],
    ['workday-oauth', { clientAuth: 'client_secret_basic', tokenLifetime: 'PT1H' }],
    ['stripe-app', { clientAuth: 'none', tokenRequest: { omit: ['client_id'] } }],
    [
      'walmart',
      { clientAuth: 'client_secret_basic', tokenRequest: { headers: { 'WM_PARTNER.ID': "{{ input['sellerId'] }}" } } },
    ],
    ['absorb-lms', { tokenRequest: { headers: { 'x-api-key': "{{ config['restApiKey'] }}" } } }],
    ['tiktok-accounts', { tokenResponse: { accessToken: 'data.access_token', refreshToken: 'data.refresh_token' } }],
  ])('knows the token requests of %s', (slug, expected) => {
    expect(definitionIn(oauth(slug), slug)['auth']).toMatchObject(expected)
    expect(imported(oauth(slug), slug).auth.result).toBe('imported')
  })

  it.each([
    ...['agiloft', 'coros-sandbox', 'facebook', 'followupboss', 'instagram', 'microsoft-admin'],
    ...['microsoft-teams-bot', 'plaud', 'threads'],
  ])('says how the token requests of %s differ', (slug) => {
    expect(definitionIn(oauth(slug), slug)['auth']).toMatchObject({ type: 'oauth2' })
    expect(imported(oauth(slug), slug).auth).toMatchObject({ result: 'partly', notes: [expect.any(String)] })
  })

  it.each(['braintree', 'bullhorn', 'shopline-oauth'])('refuses %s, with its reason', (slug) => {
    expect(imported(oauth(slug), slug)).toMatchObject({ definition: null, auth: { notes: [expect.any(String)] } })
  })

  it('says which keys it does not know', () => {
    const { auth } = imported(
      oauth('example', 'token_magic: true').replace('{ base_url: https', '{ signing: true, base_url: https'),
    )
    expect(auth).toEqual({
      result: 'partly',
      notes: ['token_magic is not known here, and left out.', 'proxy.signing is not known here, and left out.'],
    })
  })

  it('says that a token below another value is not read', () => {
    const { auth } = imported(oauth('example', 'alternate_access_token_response_path: authed_user'))
    expect(auth).toMatchObject({ result: 'partly', notes: [expect.stringContaining('authed_user.access_token')] })
  })

  it('makes an API key of OAUTH2_CC without a token URL', () => {
    const yaml = withKey("headers: { authorization: 'Bearer ${apiKey}' }").replace('API_KEY', 'OAUTH2_CC')
    expect(definitionIn(yaml)['auth']).toMatchObject({ type: 'bearer' })
    expect(imported(yaml).auth.result).toBe('partly')
  })

  it('finds the authorization server of one MCP server, and refuses one for each connection', () => {
    const one = 'example: { auth_mode: MCP_OAUTH2_GENERIC, mcp_server_url: https://mcp.example.com/mcp }'
    expect(definitionIn(one)).toMatchObject({
      baseUrl: 'https://mcp.example.com/mcp',
      auth: { type: 'oauth2', grant: 'authorization_code', registration: {} },
    })
    expect(imported('example: { auth_mode: MCP_OAUTH2_GENERIC }').auth).toMatchObject({
      result: 'refused',
      notes: [expect.stringContaining('auth.registration')],
    })
  })
})

describe('importNango: values and URLs', () => {
  it('asks for the keys of AWS, and not for the settings of Nango', () => {
    const { auth, inputFields } = definitionIn(`example:
  auth_mode: AWS_SIGV4
  integration_config: { stsMode: { type: string }, service: { type: string }, awsSecretAccessKey: { type: string, secret: 'true' } }
  credentials: { roleArn: { type: string, title: Role }, externalId: { type: string, optional: true } }
  connection_config: { region: { type: string } }
  proxy: { base_url: 'https://s3.\${connectionConfig.region}.amazonaws.com' }`)
    expect(auth).toMatchObject({
      method: 'aws_sigv4',
      fields: [
        { name: 'roleArn', label: 'Role', required: true },
        { name: 'externalId' },
        { name: 'access_key_id', required: true },
        { name: 'secret_access_key', required: true, secret: true },
      ],
      assumeRole: { roleArn: "{{ config['roleArn'] }}", externalId: "{{ config['externalId'] | default('') }}" },
    })
    expect(inputFields).toMatchObject([{ name: 'region' }, { name: 'service' }])
  })

  it('requires an optional value without which a host is not complete', () => {
    const { inputFields } = definitionIn(
      withKey(
        "headers: { x-key: '${apiKey}', x-team: '${connectionConfig.team}' }",
        'connection_config: { zone: { type: string, optional: true }, team: { type: string, optional: true } }',
      ).replace('https://api.example.com', 'https://api.example.${connectionConfig.zone}'),
    )
    expect(inputFields).toEqual([
      { name: 'zone', label: 'Zone', required: true },
      { name: 'team', label: 'Team' },
    ])
  })

  it('does not require a value that is asked for only in some cases', () => {
    const { inputFields } = definitionIn(
      withKey(
        "headers: { x-key: '${apiKey}', x-team: '${connectionConfig.team}' }",
        'connection_config: { team: { type: string, visible_when: { field: kind, equals: team } } }',
      ),
    )
    expect(inputFields).toEqual([{ name: 'team', label: 'Team' }])
  })

  it.each([
    ['an example', 'example: idp.example.com/oauth2/token'],
    ['a pattern', "pattern: '^[a-z.]+(/[a-z]+)*$'"],
  ])('takes a host that may have a path, by %s, as a part of the URL', (_, shown) => {
    const { baseUrl } = definitionIn(
      withKey("headers: { x-key: '${apiKey}' }", `connection_config: { site: { type: string, ${shown} } }`).replace(
        'https://api.example.com/v1/',
        'https://${connectionConfig.site}/v1',
      ),
    )
    expect(baseUrl).toBe("{{ 'https://' ~ input['site'] }}/v1")
  })

  it('sends an optional parameter of the query only with its value', () => {
    const { query } = definitionIn(
      withKey(
        "headers: { x-key: '${apiKey}' }\nquery: { team: '${connectionConfig.team}', v: '2' }",
        'connection_config: { team: { type: string, optional: true } }',
      ),
    )
    expect(query).toEqual({ team: { value: "{{ input['team'] | default('', true) }}", whenEmpty: 'omit' }, v: '2' })
  })

  it('writes the time as Nango does', () => {
    const { headers } = definitionIn(
      withKey("headers: { x-key: '${apiKey}', x-date: '${now}', x-day: '${now:YYYY-MM-DD[T]HH:mm}' }"),
    )
    expect(headers).toEqual({ 'x-date': '{{ now | date }}', 'x-day': "{{ now | date('%Y-%m-%dT%H:%M') }}" })
    const unknown = imported(withKey("headers: { x-key: '${apiKey}', x-week: '${now:wo}' }"))
    expect(unknown.auth).toMatchObject({ result: 'partly', notes: [expect.stringContaining('format')] })
  })

  it('replaces whole keys of the provider that it is an alias of, also of an alias', () => {
    const yaml = `${withKey("headers: { x-key: '${apiKey}' }\nquery: { v: '2' }")}
second: { alias: example, display_name: Second, docs: https://second.example.com }
third: { alias: second, display_name: Third, proxy: { base_url: https://third.example.com, headers: { x-other: '\${apiKey}' } } }`
    expect(definitionIn(yaml, 'third')).toEqual({
      displayName: 'Third',
      docsUrl: 'https://second.example.com',
      baseUrl: 'https://third.example.com',
      auth: expect.objectContaining({ placement: { in: 'header', name: 'x-other' } }),
    })
  })

  it('names the provider that an alias lacks', () => {
    expect(imported('example: { alias: other }').auth).toEqual({
      result: 'refused',
      notes: ['It is an alias of other, which the file does not have. Add that provider to the file.'],
    })
  })

  it('says why a key in the path of the URL cannot be had', () => {
    const yaml = withKey('headers: { accept: application/json }').replace('/v1/', '/bot${apiKey}')
    expect(imported(yaml).auth.notes).toEqual([expect.stringContaining('in the path of the URL')])
  })
})

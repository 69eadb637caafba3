import { input, integer, text } from '../action-input.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://docs.snowflake.com'
const specs = 'https://github.com/snowflakedb/snowflake-rest-api-specs/blob/main/specifications'

export const provider: ProviderFile = {
  aliases: ['snow flake', 'data cloud', 'data warehouse', 'snowflake sql api'],
  logo: 'snowflake',
  color: '#29b5e8',
  sources: [
    { url: `${docs}/developer-guide/sql-api/authenticating`, read: '2026-11-29' },
    { url: `${docs}/developer-guide/sql-api/reference`, read: '2026-11-29' },
    { url: `${docs}/developer-guide/sql-api/handling-responses`, read: '2026-11-29' },
    { url: `${docs}/developer-guide/snowflake-rest-api/authentication`, read: '2026-11-29' },
    { url: `${docs}/user-guide/oauth-custom.html`, read: '2026-11-29' },
    { url: `${docs}/en/ja/sql-reference/sql/create-security-integration-oauth-snowflake`, read: '2026-11-29' },
    { url: `${specs}/sqlapi.yaml`, read: '2026-11-29' },
    { url: `${specs}/common.yaml`, read: '2026-11-29' },
    { url: `${specs}/database.yaml`, read: '2026-11-29' },
    { url: `${specs}/schema.yaml`, read: '2026-11-29' },
    { url: `${specs}/warehouse.yaml`, read: '2026-11-29' },
    { url: 'https://github.com/slothflowlabs/duckle/issues/22', read: '2026-11-29', second: true },
    { url: 'https://docs.localstack.cloud/snowflake/features/rest-api-endpoints', read: '2026-11-29', second: true },
    { url: 'https://docs.devart.com/odbc/snowflake/key_pair_authentication.htm', read: '2026-11-29', second: true },
    { url: 'https://docs.devart.com/odbc/snowflake/oauth_authentication.htm', read: '2026-11-29', second: true },
    {
      url: 'https://docs.progress.com/bundle/datadirect-snowflake-jdbc-60/page/AccessToken.html',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The words of errors come from issues, and limits are not published.
  unverified: ['hints', 'rateLimit'],
  definition: {
    displayName: 'Snowflake',
    docsUrl: `${docs}/en/developer-guide/sql-api/index`,
    categories: ['database', 'analytics'],
    baseUrl: 'https://{{ input.account }}.snowflakecomputing.com/api/v2',
    inputFields: [
      {
        name: 'account',
        label: 'Account identifier',
        description: 'What precedes .snowflakecomputing.com in the address of the account.',
        required: true,
        pattern: '[A-Za-z0-9_-]+([.][A-Za-z0-9-]+){0,2}',
        example: 'myorg-myaccount',
      },
    ],
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'OAuth',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: 'https://{{ input.account }}.snowflakecomputing.com/oauth/authorize',
            tokenUrl: 'https://{{ input.account }}.snowflakecomputing.com/oauth/token-request',
            clientHosts: ['*.snowflakecomputing.com'],
            clientAuth: 'client_secret_basic',
            // Without session:role:…, the default role of the person is used.
            scopes: ['refresh_token'],
          },
        },
        {
          key: 'key_pair',
          label: 'Key pair',
          auth: {
            type: 'jwt',
            algorithm: 'RS256',
            fields: [
              { name: 'user', label: 'User', required: true, example: 'LATCHKEY' },
              { name: 'private_key', label: 'Private key', secret: true, required: true },
              { name: 'passphrase', label: 'Passphrase of the private key', secret: true },
              {
                name: 'fingerprint',
                label: 'Fingerprint of the public key',
                description: 'The value RSA_PUBLIC_KEY_FP of DESCRIBE USER.',
                required: true,
                pattern: 'SHA256:[A-Za-z0-9+/]{43}=',
                example: 'SHA256:AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfG=',
              },
            ],
            key: '{{ config.private_key }}',
            passphrase: '{{ config.passphrase }}',
            // At most one hour, whatever `exp` says.
            lifetime: 'PT59M',
            claims: {
              iss: "{{ input.account | split('.') | first | upper }}.{{ config.user | upper }}.{{ config.fingerprint }}",
              sub: "{{ input.account | split('.') | first | upper }}.{{ config.user | upper }}",
            },
          },
        },
      ],
    },
    headers: {
      'X-Snowflake-Authorization-Token-Type': "{{ 'KEYPAIR_JWT' if config.fingerprint is defined else 'OAUTH' }}",
    },
    responseErrors: [
      { status: 401, path: ['message'], as: 'auth', message: ['message'], code: ['code'] },
      ...[400, 403, 404, 408, 409, 422].map((status) => ({
        status,
        path: ['message'],
        as: 'fail' as const,
        message: ['message'],
        code: ['code'],
      })),
    ],
    // Needs no warehouse.
    testRequest: { method: 'POST', path: '/statements', json: { statement: 'SELECT CURRENT_USER()' } },
    streams: [
      {
        name: 'databases',
        path: '/databases',
        primaryKey: [['name']],
        pagination: { type: 'link_header' },
      },
      {
        name: 'schemas',
        parent: { stream: 'databases' },
        path: '/databases/{{ parent.name }}/schemas',
        primaryKey: [['name']],
        pagination: { type: 'link_header' },
      },
      {
        name: 'warehouses',
        path: '/warehouses',
        primaryKey: [['name']],
        pagination: { type: 'link_header' },
      },
    ],
    actions: [
      {
        name: 'execute_statement',
        title: 'Run a SQL statement',
        description:
          'Runs one SQL statement, which may also change data. Returns the columns in resultSetMetaData.rowType, and the rows of the first partition in data, as arrays of texts. After 45 seconds, it returns only a statementHandle.',
        docsUrl: `${docs}/en/developer-guide/sql-api/submitting-requests`,
        destructive: true,
        input: input(
          { statement: text('SQL statement.') },
          {
            warehouse: text('Name of the warehouse, with the case as in Snowflake. Default: that of the user.'),
            database: text('Database that names without one belong to, with the case as in Snowflake.'),
            schema: text('Schema that names without one belong to, with the case as in Snowflake.'),
            role: text('Role to use, with the case as in Snowflake. Default: that of the user.'),
            timeout: integer('Seconds after which the statement is cancelled. 0 means 7 days.', {
              minimum: 0,
              maximum: 604_800,
            }),
          },
        ),
        request: {
          method: 'POST',
          path: '/statements',
          json: {
            statement: '{{ args.statement }}',
            warehouse: '{{ args.warehouse }}',
            database: '{{ args.database }}',
            schema: '{{ args.schema }}',
            role: '{{ args.role }}',
            timeout: '{{ args.timeout }}',
          },
        },
      },
      {
        name: 'get_statement',
        title: 'Get the result of a SQL statement',
        description:
          'Returns one partition of the rows of a statement, or only its statementHandle and a message while it runs.',
        docsUrl: `${docs}/en/developer-guide/sql-api/handling-responses`,
        readOnly: true,
        input: input(
          {
            statement_handle: text('Handle of the statement. execute_statement returns it.', {
              pattern: '^[0-9a-f-]+$',
            }),
          },
          { partition: integer('Number of the partition, from 0. Default: 0.', { minimum: 0 }) },
        ),
        request: {
          method: 'GET',
          path: '/statements/{{ args.statement_handle }}',
          query: { partition: '{{ args.partition }}' },
        },
      },
    ],
  },
  guide: {
    app: {
      url: 'https://app.snowflake.com',
      steps: [
        {
          en: "In a worksheet of the account, with the role ACCOUNTADMIN, create the integration with the callback URL: **CREATE SECURITY INTEGRATION latchkey TYPE = OAUTH ENABLED = TRUE OAUTH_CLIENT = CUSTOM OAUTH_CLIENT_TYPE = 'CONFIDENTIAL' OAUTH_REDIRECT_URI = '…' OAUTH_ISSUE_REFRESH_TOKENS = TRUE;**.",
          de: "Legen Sie in einem Worksheet des Kontos mit der Rolle ACCOUNTADMIN die Integration mit der Callback-URL an: **CREATE SECURITY INTEGRATION latchkey TYPE = OAUTH ENABLED = TRUE OAUTH_CLIENT = CUSTOM OAUTH_CLIENT_TYPE = 'CONFIDENTIAL' OAUTH_REDIRECT_URI = '…' OAUTH_ISSUE_REFRESH_TOKENS = TRUE;**.",
        },
        {
          en: "Run **SELECT SYSTEM$SHOW_OAUTH_CLIENT_SECRETS('LATCHKEY');**, and copy OAUTH_CLIENT_ID and OAUTH_CLIENT_SECRET.",
          de: "Führen Sie **SELECT SYSTEM$SHOW_OAUTH_CLIENT_SECRETS('LATCHKEY');** aus und kopieren Sie OAUTH_CLIENT_ID und OAUTH_CLIENT_SECRET.",
        },
        {
          en: 'Copy the account identifier from the address of the account, such as myorg-myaccount.',
          de: 'Kopieren Sie die Kontokennung aus der Adresse des Kontos, zum Beispiel myorg-myaccount.',
        },
      ],
    },
    key: {
      url: `${docs}/en/user-guide/key-pair-auth`,
      steps: [
        {
          en: 'Generate a private key with **openssl genrsa 2048 | openssl pkcs8 -topk8 -inform PEM -out rsa_key.p8 -nocrypt**, and its public key with **openssl rsa -in rsa_key.p8 -pubout -out rsa_key.pub**.',
          de: 'Erzeugen Sie mit **openssl genrsa 2048 | openssl pkcs8 -topk8 -inform PEM -out rsa_key.p8 -nocrypt** einen privaten Schlüssel und mit **openssl rsa -in rsa_key.p8 -pubout -out rsa_key.pub** seinen öffentlichen Schlüssel.',
        },
        {
          en: "In a worksheet, run **ALTER USER … SET RSA_PUBLIC_KEY = '…';** with the name of the user and the text of the public key without its first and last line.",
          de: "Führen Sie in einem Worksheet **ALTER USER … SET RSA_PUBLIC_KEY = '…';** mit dem Namen des Benutzers und dem Text des öffentlichen Schlüssels ohne dessen erste und letzte Zeile aus.",
        },
        {
          en: 'Run **DESCRIBE USER …;** and copy the value of RSA_PUBLIC_KEY_FP, which begins with SHA256.',
          de: 'Führen Sie **DESCRIBE USER …;** aus und kopieren Sie den Wert von RSA_PUBLIC_KEY_FP, der mit SHA256 beginnt.',
        },
      ],
    },
    fields: {
      account: {
        label: 'Kontokennung',
        description: 'Was in der Adresse des Kontos vor .snowflakecomputing.com steht.',
      },
      user: { label: 'Benutzer' },
      private_key: { label: 'Privater Schlüssel' },
      passphrase: { label: 'Passphrase des privaten Schlüssels' },
      fingerprint: {
        label: 'Fingerabdruck des öffentlichen Schlüssels',
        description: 'Der Wert RSA_PUBLIC_KEY_FP von DESCRIBE USER.',
      },
    },
    options: { oauth: 'OAuth', key_pair: 'Schlüsselpaar' },
    tokens: {
      en: 'An access token lives for ten minutes, a refresh token for 90 days, unless OAUTH_ACCESS_TOKEN_VALIDITY or OAUTH_REFRESH_TOKEN_VALIDITY of the integration says otherwise. With OAUTH_SINGLE_USE_REFRESH_TOKENS_REQUIRED, a refresh token works once.',
      de: 'Ein Zugriffstoken gilt zehn Minuten, ein Refresh-Token 90 Tage, wenn OAUTH_ACCESS_TOKEN_VALIDITY oder OAUTH_REFRESH_TOKEN_VALIDITY der Integration nichts anderes festlegt. Mit OAUTH_SINGLE_USE_REFRESH_TOKENS_REQUIRED funktioniert ein Refresh-Token einmal.',
    },
    scopes: {
      refresh_token: {
        en: 'keep the access without you signing in again',
        de: 'den Zugriff ohne neue Anmeldung behalten',
      },
    },
    rateLimit: null,
    traps: [
      {
        en: 'The OAuth client belongs to one Snowflake account. Each account needs an integration of its own.',
        de: 'Der OAuth-Client gehört zu einem Snowflake-Konto. Jedes Konto braucht eine eigene Integration.',
      },
      {
        en: 'People whose default role is ACCOUNTADMIN, SECURITYADMIN, ORGADMIN or GLOBALORGADMIN cannot connect with OAuth, unless the integration allows the role.',
        de: 'Personen mit der Standardrolle ACCOUNTADMIN, SECURITYADMIN, ORGADMIN oder GLOBALORGADMIN können sich nicht mit OAuth verbinden, außer die Integration erlaubt die Rolle.',
      },
      {
        en: 'A network policy of the account or the user may have to allow the addresses of Latchkey.',
        de: 'Eine Netzwerkrichtlinie des Kontos oder des Benutzers muss unter Umständen die Adressen von Latchkey erlauben.',
      },
    ],
    hints: [
      {
        at: 'request',
        messages: ['JWT token is invalid'],
        cause: {
          en: 'The user, the fingerprint or the account does not belong to the private key.',
          de: 'Der Benutzer, der Fingerabdruck oder das Konto gehört nicht zum privaten Schlüssel.',
        },
        operator: {
          en: 'Let the user, the fingerprint and the account identifier be compared with those in Snowflake.',
          de: 'Lassen Sie den Benutzer, den Fingerabdruck und die Kontokennung mit denen in Snowflake vergleichen.',
        },
        person: {
          en: 'Compare the user and the fingerprint with those of **DESCRIBE USER**, and check the account identifier.',
          de: 'Vergleichen Sie den Benutzer und den Fingerabdruck mit denen von **DESCRIBE USER** und prüfen Sie die Kontokennung.',
        },
        url: `${docs}/en/user-guide/key-pair-auth-troubleshooting`,
      },
      {
        at: 'request',
        messages: ['OAuth access token'],
        cause: {
          en: 'The access token has expired, or the integration was changed or removed.',
          de: 'Das Zugriffstoken ist abgelaufen, oder die Integration wurde geändert oder entfernt.',
        },
        operator: { en: 'Let the account be connected again.', de: 'Lassen Sie das Konto neu verbinden.' },
        person: { en: 'Connect Snowflake again.', de: 'Verbinden Sie Snowflake neu.' },
      },
    ],
  },
}

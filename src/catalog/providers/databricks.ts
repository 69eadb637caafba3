import { choice, input, integer, text } from '../action-input.ts'
import type { ProviderFile } from '../provider-file.ts'

const labs = 'https://databrickslabs.github.io/partner-architecture/isv-partners/lakehouse-patterns/access-auth'

export const provider: ProviderFile = {
  aliases: ['data bricks', 'lakehouse', 'azure databricks', 'unity catalog', 'databricks sql'],
  logo: 'databricks',
  color: '#ff3621',
  sources: [
    { url: 'https://docs.databricks.com/aws/en/dev-tools/auth/oauth-m2m.md', read: '2026-11-29' },
    { url: 'https://docs.databricks.com/aws/en/dev-tools/auth/oauth-authorization-details', read: '2026-11-29' },
    { url: 'https://docs.databricks.com/ja/dev-tools/authentication-oauth.html', read: '2026-11-29' },
    { url: `${labs}/oauth-m2m`, read: '2026-11-29' },
    { url: `${labs}/oauth-reference`, read: '2026-11-29' },
    {
      url: 'https://github.com/databricks/databricks-sdk-py/blob/main/databricks/sdk/service/sql.py',
      read: '2026-11-29',
    },
    {
      url: 'https://docs.uipath.com/activities/other/latest/integration-service/uipath-databricks-http-execute-sql-query.md',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://docs.rs/crate/dbx-tools-databricks-auth/0.6.166/source/src/m2m.rs',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://www.elastic.co/docs/reference/kibana/connectors-kibana/databricks-action-type',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The reference of the REST API was not readable. The SDK confirms statements; the paths of jobs, and row_limit, are those of public clients.
  unverified: ['streams', 'actions', 'hints', 'rateLimit'],
  definition: {
    displayName: 'Databricks',
    docsUrl: 'https://docs.databricks.com/api/workspace/introduction',
    categories: ['database', 'analytics'],
    baseUrl: 'https://{{ input.host }}/api',
    inputFields: [
      {
        name: 'host',
        label: 'Workspace host',
        description: 'The host of the address of the workspace.',
        required: true,
        pattern: '[a-z0-9-]+([.][0-9]+)?[.](cloud[.]databricks[.]com|azuredatabricks[.]net|gcp[.]databricks[.]com)',
        example: 'dbc-a1b2345c-d6e7.cloud.databricks.com',
      },
    ],
    auth: {
      type: 'selective',
      options: [
        {
          key: 'client',
          label: 'Service principal (OAuth)',
          auth: {
            type: 'oauth2',
            grant: 'client_credentials',
            tokenUrl: 'https://{{ input.host }}/oidc/v1/token',
            clientHosts: ['*.cloud.databricks.com', '*.azuredatabricks.net', '*.gcp.databricks.com'],
            clientAuth: 'client_secret_basic',
            scopes: ['all-apis'],
            tokenLifetime: 'PT1H',
          },
        },
        { key: 'token', label: 'Personal access token', auth: { type: 'bearer' } },
      ],
    },
    responseErrors: [
      { status: 401, path: ['message'], as: 'auth', message: ['message'], code: ['error_code'] },
      {
        status: 403,
        path: ['message'],
        equals: 'Invalid access token.',
        as: 'auth',
        message: ['message'],
        code: ['error_code'],
      },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['message'],
        as: 'fail' as const,
        message: ['message'],
        code: ['error_code'],
      })),
    ],
    testRequest: { path: '/2.0/preview/scim/v2/Me' },
    streams: [
      {
        name: 'jobs',
        path: '/2.2/jobs/list',
        query: { limit: '100' },
        recordsPath: ['jobs'],
        omitsEmptyList: true,
        primaryKey: [['job_id']],
        pagination: { type: 'cursor', path: ['next_page_token'], param: 'page_token' },
      },
      {
        name: 'warehouses',
        path: '/2.0/sql/warehouses',
        recordsPath: ['warehouses'],
        omitsEmptyList: true,
        primaryKey: [['id']],
      },
    ],
    actions: [
      {
        name: 'execute_sql',
        title: 'Run a SQL statement',
        description:
          'Runs SQL on a SQL warehouse, which may also change data. Returns status, manifest with the columns, and result.data_array with the rows. After the time to wait, it returns a statement_id.',
        docsUrl: 'https://docs.databricks.com/api/workspace/statementexecution/executestatement',
        destructive: true,
        input: input(
          {
            warehouse_id: text('Id of the SQL warehouse. The stream warehouses has it.', { pattern: '^[0-9a-f]+$' }),
            statement: text('SQL statement.'),
          },
          {
            catalog: text('Catalog that names without one belong to.'),
            schema: text('Schema that names without one belong to.'),
            wait_timeout: text('How long to wait for the result: 0s, or 5s to 50s. Default: 30s.', {
              pattern: '^(0|[5-9]|[1-4][0-9]|50)s$',
            }),
            on_wait_timeout: choice('What happens after that time. Default: CONTINUE.', ['CONTINUE', 'CANCEL']),
            row_limit: integer('How many rows are returned at most.', { minimum: 1 }),
          },
        ),
        request: {
          method: 'POST',
          path: '/2.0/sql/statements/',
          json: {
            warehouse_id: '{{ args.warehouse_id }}',
            statement: '{{ args.statement }}',
            catalog: '{{ args.catalog }}',
            schema: '{{ args.schema }}',
            wait_timeout: "{{ args.wait_timeout | default('30s') }}",
            on_wait_timeout: '{{ args.on_wait_timeout }}',
            row_limit: '{{ args.row_limit }}',
          },
        },
      },
      {
        name: 'get_statement',
        title: 'Get the result of a SQL statement',
        description: 'Returns the status of a statement, and its rows when status.state is SUCCEEDED.',
        docsUrl: 'https://docs.databricks.com/api/workspace/statementexecution/getstatement',
        readOnly: true,
        input: input({
          statement_id: text('Id of the statement. execute_sql returns it.', { pattern: '^[0-9a-f-]+$' }),
        }),
        request: { method: 'GET', path: '/2.0/sql/statements/{{ args.statement_id }}' },
      },
      {
        name: 'run_job',
        title: 'Run a job',
        description: 'Starts a job now, and returns the run_id of its run.',
        docsUrl: 'https://docs.databricks.com/api/workspace/jobs/runnow',
        input: input({ job_id: integer('Id of the job. The stream jobs has it.', { minimum: 1 }) }),
        request: { method: 'POST', path: '/2.2/jobs/run-now', json: { job_id: '{{ args.job_id }}' } },
      },
    ],
  },
  guide: {
    key: {
      url: 'https://docs.databricks.com/aws/en/dev-tools/auth/oauth-m2m',
      steps: [
        {
          en: 'In the account console, open **User Management** and **Service Principals**, select **Add service principal**, enter a name, and select **Add**. Assign it to the workspace, and give it the permissions that it needs there.',
          de: 'Öffnen Sie in der Account Console **User Management** und **Service Principals**, wählen Sie **Add service principal**, geben Sie einen Namen ein und wählen Sie **Add**. Weisen Sie ihn dem Workspace zu und geben Sie ihm dort die nötigen Berechtigungen.',
        },
        {
          en: 'Open the service principal, select **Generate secret**, and copy **Client ID** and **Secret** at once.',
          de: 'Öffnen Sie den Service Principal, wählen Sie **Generate secret** und kopieren Sie **Client ID** und **Secret** sofort.',
        },
        {
          en: 'Copy the host of the workspace from its address, without https:// and without what follows the first slash.',
          de: 'Kopieren Sie den Host des Workspace aus seiner Adresse, ohne https:// und ohne den Teil ab dem ersten Schrägstrich.',
        },
      ],
    },
    fields: {
      host: { label: 'Host des Workspace', description: 'Der Host der Adresse des Workspace.' },
    },
    options: { client: 'Service Principal (OAuth)', token: 'Persönliches Zugriffstoken' },
    tokens: {
      en: 'A token of a service principal lives for one hour, without a refresh token. Its secret lives for at most two years, and it can have five of them.',
      de: 'Ein Token eines Service Principal gilt eine Stunde, ohne Refresh-Token. Sein Secret gilt höchstens zwei Jahre, und er kann fünf davon haben.',
    },
    traps: [
      {
        en: 'A service principal sees only jobs, warehouses and tables that it has permissions for.',
        de: 'Ein Service Principal sieht nur Jobs, Warehouses und Tabellen, für die er Berechtigungen hat.',
      },
      {
        en: 'A SQL warehouse that is stopped starts when a statement arrives. This may take longer than the time to wait.',
        de: 'Ein gestopptes SQL-Warehouse startet, wenn eine Anweisung eintrifft. Das kann länger dauern als die Wartezeit.',
      },
    ],
    scopes: {
      'all-apis': {
        en: 'use all functions of Databricks that the service principal may use',
        de: 'alle Funktionen von Databricks nutzen, die der Service Principal nutzen darf',
      },
    },
    rateLimit: null,
    hints: [
      {
        at: 'request',
        messages: ['Invalid access token'],
        cause: {
          en: 'The token is wrong, expired or was revoked, or belongs to another workspace.',
          de: 'Das Token ist falsch, abgelaufen oder wurde widerrufen, oder gehört zu einem anderen Workspace.',
        },
        operator: {
          en: 'Let the host of the workspace and the token be checked.',
          de: 'Lassen Sie den Host des Workspace und das Token prüfen.',
        },
        person: {
          en: 'Check the host of the workspace, and enter a new token.',
          de: 'Prüfen Sie den Host des Workspace und geben Sie ein neues Token ein.',
        },
      },
      {
        at: 'token',
        errors: ['invalid_client'],
        cause: {
          en: 'The client ID or the secret is wrong, the secret has expired, or the service principal is not assigned to the workspace.',
          de: 'Die Client-ID oder das Secret ist falsch, das Secret ist abgelaufen, oder der Service Principal ist dem Workspace nicht zugewiesen.',
        },
        operator: {
          en: 'Let a new secret be generated, and the assignment be checked.',
          de: 'Lassen Sie ein neues Secret erzeugen und die Zuweisung prüfen.',
        },
        person: {
          en: 'Generate a new secret for the service principal, and check that it is assigned to the workspace.',
          de: 'Erzeugen Sie ein neues Secret für den Service Principal und prüfen Sie, ob er dem Workspace zugewiesen ist.',
        },
      },
    ],
  },
}

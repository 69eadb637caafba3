import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

export const provider: ProviderFile = {
  aliases: ['net suite', 'oracle netsuite', 'ns erp'],
  logo: null,
  color: '#125580',
  sources: [
    {
      url: 'https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/chapter_1540809676.html',
      read: '2026-11-29',
    },
    {
      url: 'https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_157909186990.html',
      read: '2026-11-29',
    },
    {
      url: 'https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_158394344595.html',
      read: '2026-11-29',
    },
    {
      url: 'https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_156414087576.html',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  unverified: ['key', 'hints'],
  definition: {
    displayName: 'NetSuite',
    docsUrl: 'https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/chapter_1540809676.html',
    categories: ['accounting', 'crm'],
    // The host has hyphens and small letters where the account has underscores and capitals.
    baseUrl: "https://{{ input.account_id | lower | replace('_', '-') }}.suitetalk.api.netsuite.com/services/rest",
    inputFields: [
      {
        name: 'account_id',
        label: 'Account ID',
        required: true,
        pattern: '[0-9A-Za-z]+([_-][0-9A-Za-z]+)*',
        example: '1234567_SB1',
      },
    ],
    // Token-based authentication (docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_1534941295.html).
    auth: {
      type: 'oauth1',
      signature: 'HMAC-SHA256',
      realm: "{{ input.account_id | upper | replace('-', '_') }}",
    },
    // docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_1546941017.html
    responseErrors: [
      {
        status: 401,
        as: 'auth',
        message: ['o:errorDetails', 0, 'detail'],
        code: ['o:errorDetails', 0, 'o:errorCode'],
      },
    ],
    testRequest: { path: '/record/v1/customer?limit=1' },
    streams: [
      rows('customers', 'SELECT * FROM customer ORDER BY id'),
      rows('vendors', 'SELECT * FROM vendor ORDER BY id'),
      rows('items', 'SELECT * FROM item ORDER BY id'),
      rows('invoices', "SELECT * FROM transaction WHERE type = 'CustInvc' ORDER BY id"),
      rows('sales_orders', "SELECT * FROM transaction WHERE type = 'SalesOrd' ORDER BY id"),
    ],
  },
  guide: {
    key: {
      url: 'https://system.netsuite.com',
      steps: [
        {
          en: 'Under **Setup**, **Company**, **Enable Features**, tab **SuiteCloud**, an administrator enables **REST Web Services** and **Token-Based Authentication**.',
          de: 'Unter **Setup**, **Company**, **Enable Features**, Reiter **SuiteCloud** aktiviert die Administration **REST Web Services** und **Token-Based Authentication**.',
        },
        {
          en: 'Under **Setup**, **Integration**, **Manage Integrations**, **New**, create an integration with **Token-Based Authentication**. Copy the **Consumer Key** and the **Consumer Secret**: they are shown only once.',
          de: 'Legen Sie unter **Setup**, **Integration**, **Manage Integrations**, **New** eine Integration mit **Token-Based Authentication** an. Kopieren Sie **Consumer Key** und **Consumer Secret**: Sie werden nur einmal angezeigt.',
        },
        {
          en: 'Give a user a role with **Log in using Access Tokens**, **REST Web Services**, **SuiteAnalytics Workbook**, and the records that are to be read.',
          de: 'Geben Sie einer Person eine Rolle mit **Log in using Access Tokens**, **REST Web Services**, **SuiteAnalytics Workbook** und den Datensätzen, die gelesen werden sollen.',
        },
        {
          en: 'Under **Setup**, **Users/Roles**, **Access Tokens**, **New**, choose the integration, the user and the role. Copy the **Token ID** as the token and the **Token Secret** as its secret.',
          de: 'Wählen Sie unter **Setup**, **Users/Roles**, **Access Tokens**, **New** die Integration, die Person und die Rolle. Kopieren Sie **Token ID** als Token und **Token Secret** als dessen Secret.',
        },
        {
          en: 'The account ID is under **Setup**, **Company**, **Company Information**. That of a sandbox ends with _SB1 or the like.',
          de: 'Die Account-ID steht unter **Setup**, **Company**, **Company Information**. Die einer Sandbox endet etwa mit _SB1.',
        },
      ],
    },
    fields: { account_id: { label: 'Account-ID' } },
    scopes: {},
    rateLimit: null,
    hints: [
      {
        at: 'request',
        messages: ['Invalid login attempt', 'INVALID_LOGIN'],
        cause: {
          en: 'NetSuite does not accept the token: a key or secret is wrong, the token was revoked, its role lacks a permission, or it belongs to another account.',
          de: 'NetSuite akzeptiert das Token nicht: Ein Schlüssel oder Secret ist falsch, das Token wurde widerrufen, seiner Rolle fehlt eine Berechtigung, oder es gehört zu einem anderen Account.',
        },
        operator: {
          en: 'Let the account ID be checked, and the **Login Audit Trail** in NetSuite, which names the reason.',
          de: 'Lassen Sie die Account-ID prüfen und den **Login Audit Trail** in NetSuite, der den Grund nennt.',
        },
        person: {
          en: 'Check the account ID and copy the four values again. The **Login Audit Trail** in NetSuite names the reason.',
          de: 'Prüfen Sie die Account-ID und kopieren Sie die vier Werte noch einmal. Der **Login Audit Trail** in NetSuite nennt den Grund.',
        },
      },
    ],
  },
}

/**
 * The rows of a SuiteQL query, of which NetSuite returns at most 100,000
 * (docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_157909186990.html). The order has to be unique, because a page may
 * otherwise repeat or miss rows.
 */
function rows(name: string, q: string): StreamDefinition {
  return {
    name,
    method: 'POST',
    path: '/query/v1/suiteql',
    headers: { Prefer: 'transient' },
    json: { q },
    recordsPath: ['items'],
    primaryKey: [['id']],
    pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 1000, in: 'query', hasMore: ['hasMore'] },
  }
}

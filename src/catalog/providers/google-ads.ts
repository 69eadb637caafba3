import { choice, cursor, input, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import { googleApp, googleProduct, nangoSource } from '../families/google.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://developers.google.com/google-ads/api'

const ADS = 'https://www.googleapis.com/auth/adwords'

const api = 'Google Ads API'

const ofCustomer = '/customers/{{ input.customer_id }}'

const actions: ActionDefinition[] = [
  {
    name: 'search',
    title: 'Run a query',
    description:
      'Runs a query in the Google Ads Query Language over campaigns, ads, keywords, metrics and more. Returns results, with the fields of each resource under its name; nextPageToken is the cursor of the next page. Amounts in micros are millionths of the currency.',
    docsUrl: `${docs}/rest/common/search`,
    scopes: [ADS],
    readOnly: true,
    input: input(
      {
        query: text(
          'The query, such as: SELECT campaign.name, metrics.clicks FROM campaign WHERE segments.date DURING LAST_7_DAYS.',
        ),
      },
      { cursor: cursor('nextPageToken') },
    ),
    request: {
      method: 'POST',
      path: `${ofCustomer}/googleAds:search`,
      json: { query: '{{ args.query }}', pageToken: '{{ args.cursor }}' },
    },
  },
  {
    name: 'set_campaign_status',
    title: 'Pause or resume a campaign',
    description: 'Pauses a campaign or lets it run again. Returns its resource name in results.',
    docsUrl: `${docs}/rest/common/mutate`,
    scopes: [ADS],
    destructive: true,
    input: input({
      campaign_id: text('Id of the campaign, a number.', { pattern: '^\\d+$' }),
      status: choice('PAUSED stops the campaign, ENABLED lets it run.', ['PAUSED', 'ENABLED']),
    }),
    request: {
      method: 'POST',
      path: `${ofCustomer}/campaigns:mutate`,
      json: {
        operations: [
          {
            updateMask: 'status',
            update: {
              resourceName: 'customers/{{ input.customer_id }}/campaigns/{{ args.campaign_id }}',
              status: '{{ args.status }}',
            },
          },
        ],
      },
    },
  },
]

const verification = {
  en: 'Open **Verification Center** and submit the app, because Google verifies the scope of Google Ads. Until then, people see a warning, and at most 100 can connect.',
  de: 'Öffnen Sie **Verification Center** und reichen Sie die App ein, weil Google den Scope von Google Ads prüft. Bis dahin erscheint eine Warnung, und höchstens 100 Personen können sich verbinden.',
}

const app = googleApp(api, verification)

export const provider: ProviderFile = googleProduct({
  aliases: ['adwords', 'google adwords', 'gads', 'google ppc', 'google sea', 'google werbung'],
  logo: 'googleads',
  color: '#4285f4',
  sources: [
    { url: `${docs}/docs/api-policy/developer-token.md.txt`, read: '2026-11-29' },
    { url: `${docs}/docs/api-policy/access-levels?authuser=0`, read: '2026-11-29' },
    { url: 'https://developers.google.com/google-ads/api/rest/auth?authuser=63&hl=de', read: '2026-11-29' },
    { url: 'https://developers.google.cn/google-ads/api/rest/common/mutate.md.txt', read: '2026-11-29' },
    { url: 'https://developers.google.com/google-ads/api/docs/oauth/cloud-project', read: '2026-11-29' },
    { url: 'https://developers.google.com/google-ads/api/docs/oauth/internals?authuser=17&hl=hi', read: '2026-11-29' },
    {
      url: 'https://developers.google.cn/google-ads/api/reference/rpc/v26/GoogleAdsService/Search.md.txt',
      read: '2026-11-29',
    },
    { url: `${docs}/reference/rpc/v26/SearchGoogleAdsRequest`, read: '2026-11-29' },
    { url: `${docs}/docs/get-started/handle-errors?authuser=3`, read: '2026-11-29' },
    {
      url: 'https://developers.google.com/google-ads/api/reference/rpc/v18/AuthorizationErrorEnum.AuthorizationError?authuser=0',
      read: '2026-11-29',
    },
    { url: 'https://github.com/googleads/google-ads-php/issues/721', read: '2026-11-29', second: true },
    {
      ...nangoSource,
      differs:
        'Nango still sends a developer token. Google ended these tokens on 9 September 2026: the header is optional and ignored.',
    },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-google-ads/manifest.yaml',
      read: '2026-11-29',
      second: true,
      differs: 'Airbyte still asks for a developer token, which Google ended on 9 September 2026.',
    },
  ],
  api,
  requested: [ADS],
  verification,
  definition: {
    displayName: 'Google Ads',
    docsUrl: `${docs}/rest/overview`,
    categories: ['advertising', 'marketing'],
    baseUrl: 'https://googleads.googleapis.com/v26',
    inputFields: [
      {
        name: 'customer_id',
        label: 'Customer ID',
        description: 'The account whose campaigns are read, ten digits without hyphens.',
        required: true,
        pattern: '[0-9]{10}',
        example: '1234567890',
      },
      {
        name: 'login_customer_id',
        label: 'Customer ID of the manager account',
        description: 'Only if you reach the account through a manager account: its ten digits without hyphens.',
        pattern: '[0-9]{10}',
        example: '9876543210',
      },
    ],
    // A header cannot be left out, so without a manager account it names the account itself.
    headers: { 'login-customer-id': '{{ input.login_customer_id | default(input.customer_id) }}' },
    // Outside of this list, a refusal only says that the caller has no permission.
    responseErrors: [
      {
        status: 403,
        path: ['error', 'details', 0, 'errors', 0, 'errorCode', 'authorizationError'],
        as: 'fail',
        message: ['error', 'details', 0, 'errors', 0, 'message'],
        code: ['error', 'details', 0, 'errors', 0, 'errorCode', 'authorizationError'],
      },
    ],
    // It also fails where the project of the OAuth client may call only test accounts.
    testRequest: {
      method: 'POST',
      path: `${ofCustomer}/googleAds:search`,
      json: { query: 'SELECT customer.id FROM customer' },
    },
    streams: [
      report(
        'campaigns',
        'SELECT campaign.id, campaign.name, campaign.status, campaign.advertising_channel_type, campaign.bidding_strategy_type, campaign.campaign_budget FROM campaign',
        [['campaign', 'id']],
      ),
      report(
        'ad_groups',
        'SELECT ad_group.id, ad_group.name, ad_group.status, ad_group.type, ad_group.campaign, ad_group.cpc_bid_micros FROM ad_group',
        [['adGroup', 'id']],
      ),
      {
        ...report(
          'campaign_days',
          "SELECT campaign.id, segments.date, metrics.impressions, metrics.clicks, metrics.cost_micros, metrics.conversions, metrics.conversions_value FROM campaign WHERE segments.date >= '{{ date(now, '%Y-%m-%d', '-P90D') }}' AND segments.date <= '{{ date(now, '%Y-%m-%d') }}'",
          [
            ['campaign', 'id'],
            ['segments', 'date'],
          ],
        ),
        // Each reading has the last 90 days, in which conversions are still added, and earlier days stay.
        deletes: 'never',
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: app.url,
      steps: [
        ...app.steps,
        {
          en: 'A new project may call only test accounts. Open **Google Ads API Overview** in the Google Cloud console and apply for **Explorer access**, or for **Basic access** after a brand verification.',
          de: 'Ein neues Projekt darf nur Testkonten aufrufen. Öffnen Sie in der Google-Cloud-Konsole **Google Ads API Overview** und beantragen Sie **Explorer access** oder nach einer Markenprüfung **Basic access**.',
        },
      ],
    },
    fields: {
      customer_id: {
        label: 'Kundennummer',
        description: 'Das Konto, dessen Kampagnen gelesen werden: zehn Ziffern ohne Bindestriche.',
      },
      login_customer_id: {
        label: 'Kundennummer des Verwaltungskontos',
        description:
          'Nur wenn Sie das Konto über ein Verwaltungskonto erreichen: dessen zehn Ziffern ohne Bindestriche.',
      },
    },
    hints: [
      {
        at: 'request',
        errors: ['USER_PERMISSION_DENIED'],
        cause: {
          en: 'The Google account does not reach the customer, or reaches it only through a manager account that is not stated.',
          de: 'Das Google-Konto erreicht den Kunden nicht oder nur über ein Verwaltungskonto, das nicht angegeben ist.',
        },
        operator: {
          en: 'Check the customer id, and connect with the id of the manager account through which the account is reached.',
          de: 'Prüfen Sie die Kundennummer und verbinden Sie sich mit der Kundennummer des Verwaltungskontos, über das Sie das Konto erreichen.',
        },
        person: {
          en: 'Check the customer id and enter the id of your manager account, if you have one.',
          de: 'Prüfen Sie die Kundennummer und tragen Sie die Ihres Verwaltungskontos ein, falls Sie eines haben.',
        },
      },
      {
        at: 'request',
        errors: ['CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION'],
        cause: {
          en: 'The Google Cloud project of the OAuth client may call only test accounts.',
          de: 'Das Google-Cloud-Projekt des OAuth-Clients darf nur Testkonten aufrufen.',
        },
        operator: {
          en: 'Open **Google Ads API Overview** in the Google Cloud console and apply for **Explorer access**.',
          de: 'Öffnen Sie in der Google-Cloud-Konsole **Google Ads API Overview** und beantragen Sie **Explorer access**.',
        },
        url: `${docs}/docs/api-policy/developer-token`,
      },
    ],
    traps: [
      {
        en: 'Developer tokens ended on 9 September 2026. What a project may do depends on the access level of the Google Cloud project of the OAuth client.',
        de: 'Developer-Tokens wurden am 9. September 2026 eingestellt. Was ein Projekt darf, hängt von der Zugriffsebene des Google-Cloud-Projekts ab, zu dem der OAuth-Client gehört.',
      },
      {
        en: 'A manager account has no campaigns of its own: enter the customer ID of the account below it, and that of the manager account as the second.',
        de: 'Ein Verwaltungskonto hat keine eigenen Kampagnen: Tragen Sie die Kundennummer des untergeordneten Kontos ein und die des Verwaltungskontos als zweite.',
      },
      {
        en: 'Amounts in micros are millionths of the currency of the account.',
        de: 'Beträge in Micros sind Millionstel der Währung des Kontos.',
      },
    ],
    scopes: {
      [ADS]: {
        en: 'see, create, change and delete your Google Ads accounts and data',
        de: 'Ihre Google-Ads-Konten und -Daten sehen, anlegen, ändern und löschen',
      },
    },
    rateLimit: {
      words: {
        en: 'Explorer access 2,880 operations a day on production accounts, Basic access 15,000, Standard access without a daily limit; test accounts 15,000.',
        de: 'Explorer access 2.880 Vorgänge pro Tag auf produktiven Konten, Basic access 15.000, Standard access ohne Tagesgrenze; Testkonten 15.000.',
      },
      url: `${docs}/docs/api-policy/access-levels`,
    },
  },
})

/** The results of a query in the Google Ads Query Language. Google decides on the size of the pages. */
function report(name: string, query: string, primaryKey: string[][]): StreamDefinition {
  return {
    name,
    path: `${ofCustomer}/googleAds:search`,
    json: { query },
    recordsPath: ['results'],
    omitsEmptyList: true,
    primaryKey,
    pagination: { type: 'cursor', in: 'json', path: ['nextPageToken'], param: 'pageToken' },
  }
}

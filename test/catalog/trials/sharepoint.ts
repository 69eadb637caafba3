import {
  microsoftHeaders,
  microsoftLimited,
  microsoftRefused,
  microsoftTokens,
  microsoftWebhook,
} from '../providers/microsoft-answers.ts'
import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'
import { webhookSecret } from '../providers/webhook-trial.ts'

const graph = 'https://graph.microsoft.com/v1.0'
const site = 'contoso.sharepoint.com,da60e844-ba1d-49bc-b4d4-d5e36bae9019,712a596e-90a1-49e3-9b48-bfa80bee8740'
const drive = 'b!-RIj2DuyvEyV1T4NlOaMHk8XkS_I8MdFlUCq1BlcjgmhRfAj3-Z8RY2VpuvV_tpd'
const list = '1234abcd-56ef-78ab-90cd-ef1234567890'

export const sharepointActions: ActionExample[] = [
  {
    action: 'search_files',
    arguments: { drive_id: drive, query: 'Contoso Project', limit: 5 },
    request: `GET ${graph}/drives/b%21-RIj2DuyvEyV1T4NlOaMHk8XkS_I8MdFlUCq1BlcjgmhRfAj3-Z8RY2VpuvV_tpd/root/search(q='Contoso%20Project')?%24select=id%2Cname%2Csize%2Cfolder%2Cfile%2CparentReference%2CwebUrl%2CcreatedDateTime%2ClastModifiedDateTime&%24top=5`,
    answer: { body: { value: [{ id: '0123456789abc!123', name: 'Contoso Project', folder: {} }] } },
    output: { value: [{ id: '0123456789abc!123', name: 'Contoso Project', folder: {} }] },
  },
  {
    action: 'list_list_items',
    arguments: { site_id: site, list_id: list, limit: 10 },
    request: `GET ${graph}/sites/${site.replaceAll(',', '%2C')}/lists/${list}/items?%24expand=fields&%24top=10`,
    answer: { body: { value: [{ id: '2', fields: { Name: 'Gadget', Color: 'Red', Quantity: 503 } }] } },
    output: { value: [{ id: '2', fields: { Name: 'Gadget', Color: 'Red', Quantity: 503 } }] },
  },
  {
    action: 'create_list_item',
    arguments: { site_id: site, list_id: list, fields: { Title: 'Widget', Color: 'Purple', Weight: 32 } },
    request: `POST ${graph}/sites/${site.replaceAll(',', '%2C')}/lists/${list}/items`,
    body: { fields: { Title: 'Widget', Color: 'Purple', Weight: 32 } },
    answer: { status: 201, body: { id: '20', createdDateTime: '2016-08-30T08:26:00Z' } },
    output: { id: '20', createdDateTime: '2016-08-30T08:26:00Z' },
  },
]

/** The streams below the sites. */
export const sharepointStreams: StreamTrial[] = [
  {
    name: 'drives',
    parent: { id: site },
    pages: [{ body: { value: [{ id: drive, name: 'Documents', driveType: 'documentLibrary' }] } }],
    keys: [`parent/${drive}`],
    asksFor: `/sites/${site}/drives`,
  },
  {
    name: 'items',
    parent: { id: drive },
    pages: [
      {
        body: {
          '@odata.nextLink': `${graph}/drives/${drive}/root/delta(token=1230919asd190410jlka)`,
          value: [
            { id: '0123456789abc', name: 'folder2', folder: {}, lastModifiedDateTime: '2026-06-01T10:00:00Z' },
            { id: '2353010204ddgg', name: 'file5.txt', deleted: {} },
          ],
        },
      },
      {
        body: {
          '@odata.deltaLink': `${graph}/drives/${drive}/root/delta(token='MzslMjM0OyUyMzE7MzsyM2YwNDVhMS1')`,
          value: [{ id: '123010204abac', name: 'file.txt', file: {}, lastModifiedDateTime: '2026-06-02T10:00:00Z' }],
        },
      },
    ],
    keys: ['parent/0123456789abc', 'parent/123010204abac'],
    asksFor: 'delta(token=1230919asd190410jlka)',
    since: { cursor: '2026-06-02T10:00:00Z', value: '2026-06-02T10:00:00Z' },
    limited: microsoftLimited,
  },
  {
    name: 'lists',
    parent: { id: site },
    pages: [{ body: { value: [{ id: list, displayName: 'Inventory' }] } }],
    keys: [`parent/${list}`],
    asksFor: `/sites/${site}/lists`,
  },
  {
    name: 'list_items',
    parent: { id: list, parent: { id: site } },
    pages: [
      {
        body: {
          '@odata.nextLink': `${graph}/sites/${site}/lists/${list}/items?$expand=fields&$skiptoken=UGFnZWQ`,
          value: [{ id: '2', fields: { Name: 'Gadget', Color: 'Red', Quantity: 503 } }],
        },
      },
      { body: { value: [{ id: '4', fields: { Name: 'Widget', Color: 'Blue', Quantity: 2357 } }] } },
    ],
    keys: ['parent/2', 'parent/4'],
    asksFor: '$skiptoken=UGFnZWQ',
  },
]

export const trial: ProviderTrial = {
  ...microsoftTokens,
  test: {
    asks: 'GET graph.microsoft.com/v1.0/sites?search=*&$top=1',
    headers: microsoftHeaders,
    good: { body: { value: [{ id: site, webUrl: 'https://contoso.sharepoint.com' }] } },
    refused: microsoftRefused,
  },
  streams: [
    {
      name: 'sites',
      pages: [
        {
          body: {
            '@odata.nextLink': `${graph}/sites?search=*&$skiptoken=abc123`,
            value: [{ id: site, name: 'Team A Site', webUrl: 'https://contoso.sharepoint.com/sites/siteA' }],
          },
        },
        {
          body: {
            value: [
              {
                id: 'contoso.sharepoint.com,da60e844-ba1d-49bc-b4d4-d5e36bae9019,0271110f-634f-4300-a841-3a8a2e851851',
                name: 'Team B Site',
              },
            ],
          },
        },
      ],
      keys: [site, 'contoso.sharepoint.com,da60e844-ba1d-49bc-b4d4-d5e36bae9019,0271110f-634f-4300-a841-3a8a2e851851'],
      asksFor: '$skiptoken=abc123',
    },
    ...sharepointStreams,
  ],
  webhook: microsoftWebhook([
    {
      query: 'external_id=crm-1',
      body: {
        value: [
          {
            subscriptionId: 'aa269f87-2a92-4cff-a43e-2771878c3727',
            clientState: webhookSecret,
            changeType: 'updated',
            resource: `/drives/${drive}/root`,
            subscriptionExpirationDateTime: '2026-07-20T23:23:00.000Z',
            tenantId: '84bd8158-6d4d-4958-8b9f-9d6445542f95',
          },
        ],
      },
      events: [{ type: 'updated', account: 'crm-1', streams: ['items'] }],
    },
  ]),
  actions: sharepointActions,
}

import type { StreamDefinition } from '../definition/stream.ts'
import { zohoApis, zohoProduct } from '../families/zoho.ts'
import type { ProviderFile } from '../provider-file.ts'

export const provider: ProviderFile = zohoProduct({
  aliases: ['zohocrm', 'zoho customer relationship', 'zoho leads'],
  logo: 'zoho',
  color: '#e42527',
  sources: [{ url: 'https://www.zoho.com/crm/developer/docs/api/v8/get-records.html', read: '2026-11-29' }],
  // The steps were read in an older guide; the documentation of the errors of the token endpoint was not found.
  unverified: ['app', 'rateLimit', 'hints'],
  requested: [
    'ZohoCRM.users.READ',
    ...['leads', 'contacts', 'accounts', 'deals'].map((module) => `ZohoCRM.modules.${module}.READ`),
  ],
  definition: {
    displayName: 'Zoho CRM',
    docsUrl: 'https://www.zoho.com/crm/developer/docs/api/v8/',
    categories: ['crm'],
    baseUrl: `${zohoApis}/crm/v8`,
    testRequest: { path: '/users?type=CurrentUser' },
    streams: [
      records('leads', 'Leads', 'First_Name,Last_Name,Company,Email,Phone,Lead_Status,Created_Time,Modified_Time'),
      records('contacts', 'Contacts', 'First_Name,Last_Name,Account_Name,Email,Phone,Created_Time,Modified_Time'),
      records('accounts', 'Accounts', 'Account_Name,Website,Phone,Industry,Created_Time,Modified_Time'),
      records('deals', 'Deals', 'Deal_Name,Stage,Amount,Closing_Date,Account_Name,Created_Time,Modified_Time'),
    ],
  },
  guide: {
    scopes: {
      'ZohoCRM.users.READ': { en: 'see the users of your Zoho CRM', de: 'die Benutzer Ihres Zoho CRM sehen' },
      'ZohoCRM.modules.leads.READ': { en: 'read your leads', de: 'Ihre Leads lesen' },
      'ZohoCRM.modules.contacts.READ': { en: 'read your contacts', de: 'Ihre Kontakte lesen' },
      'ZohoCRM.modules.accounts.READ': { en: 'read your accounts', de: 'Ihre Firmen lesen' },
      'ZohoCRM.modules.deals.READ': { en: 'read your deals', de: 'Ihre Abschlüsse lesen' },
    },
    rateLimit: null,
  },
})

/** A request has to name the fields, at most 50 (https://www.zoho.com/crm/developer/docs/api/v8/get-records.html). */
function records(name: string, module: string, fields: string): StreamDefinition {
  return {
    name,
    path: `/${module}`,
    query: { fields, per_page: '200' },
    recordsPath: ['data'],
    primaryKey: [['id']],
    pagination: {
      type: 'cursor',
      path: ['info', 'next_page_token'],
      param: 'page_token',
      hasMore: ['info', 'more_records'],
    },
    responses: [{ status: 204, as: 'empty' }],
  }
}

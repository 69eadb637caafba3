import type { ProviderGuide } from '../guide.ts'
import {
  microsoftApp,
  microsoftFields,
  microsoftHints,
  microsoftScopes,
  microsoftSources,
  microsoftWebhookSteps,
} from './microsoft.ts'

export const onedriveGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    ...microsoftSources,
    'https://learn.microsoft.com/graph/api/resources/subscription',
    'https://learn.microsoft.com/sharepoint/dev/general-development/how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online',
  ],
  logo: null,
  color: '#0078d4',
  app: microsoftApp,
  webhook: microsoftWebhookSteps({
    resource: 'me/drive/root',
    changes: 'updated',
    urls: { en: '**notificationUrl** is', de: '**notificationUrl** ist' },
    lifetime: {
      en: 'at most 29 days ahead',
      de: 'höchstens 29 Tage entfernt',
    },
  }),
  fields: microsoftFields,
  scopes: {
    ...microsoftScopes,
    'https://graph.microsoft.com/Files.Read.All': {
      en: 'read all files that you have access to',
      de: 'alle Dateien lesen, auf die Sie Zugriff haben',
    },
    'https://graph.microsoft.com/Files.ReadWrite': {
      en: 'read, create, change and delete your files',
      de: 'Ihre Dateien lesen, anlegen, ändern und löschen',
    },
  },
  rateLimit: {
    words: {
      en: 'For each app and organization, 1,250 to 6,250 resource units a minute, depending on the number of its licences; one item costs 1 unit, a list or a change 2.',
      de: 'Je App und Organisation 1.250 bis 6.250 Ressourceneinheiten pro Minute, abhängig von der Zahl ihrer Lizenzen; ein Element kostet 1 Einheit, eine Liste oder Änderung 2.',
    },
    url: 'https://learn.microsoft.com/sharepoint/dev/general-development/how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online',
  },
  hints: [
    ...microsoftHints,
    {
      at: 'request',
      messages: ['Tenant does not have a SPO license', "User's mysite not found"],
      cause: {
        en: 'The account has no OneDrive: the organization has no licence for it, or the person has never opened it.',
        de: 'Das Konto hat kein OneDrive: Die Organisation hat dafür keine Lizenz, oder die Person hat es noch nie geöffnet.',
      },
      operator: {
        en: 'Let an account with OneDrive be connected.',
        de: 'Lassen Sie ein Konto mit OneDrive verbinden.',
      },
      person: {
        en: 'Open OneDrive once in the browser with this account. If that does not work, connect another account.',
        de: 'Öffnen Sie OneDrive mit diesem Konto einmal im Browser. Gelingt das nicht, verbinden Sie ein anderes Konto.',
      },
    },
  ],
}

import type { ProviderGuide } from '../guide.ts'
import {
  microsoftApp,
  microsoftFields,
  microsoftHints,
  microsoftScopes,
  microsoftSources,
  microsoftWebhookSteps,
} from './microsoft.ts'

export const outlookGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    ...microsoftSources,
    'https://learn.microsoft.com/graph/api/resources/subscription',
    'https://learn.microsoft.com/graph/throttling-limits',
  ],
  logo: null,
  color: '#0078d4',
  app: microsoftApp,
  webhook: microsoftWebhookSteps({
    resource: 'me/messages',
    changes: 'created,updated,deleted',
    urls: {
      en: '**notificationUrl** and **lifecycleNotificationUrl** are',
      de: '**notificationUrl** und **lifecycleNotificationUrl** sind',
    },
    lifetime: {
      en: 'less than seven days ahead',
      de: 'weniger als sieben Tage entfernt',
    },
  }),
  fields: microsoftFields,
  scopes: {
    ...microsoftScopes,
    'https://graph.microsoft.com/Mail.Read': { en: 'read your emails', de: 'Ihre E-Mails lesen' },
    'https://graph.microsoft.com/Mail.Send': {
      en: 'send emails on your behalf',
      de: 'in Ihrem Namen E-Mails senden',
    },
    'https://graph.microsoft.com/Calendars.Read': {
      en: 'read your calendars and events',
      de: 'Ihre Kalender und Termine lesen',
    },
    'https://graph.microsoft.com/Calendars.ReadWrite': {
      en: 'read, create, change and delete events in your calendars',
      de: 'Termine in Ihren Kalendern lesen, anlegen, ändern und löschen',
    },
  },
  rateLimit: {
    words: {
      en: '10,000 requests in 10 minutes and 4 requests at a time, for each app and mailbox.',
      de: '10.000 Anfragen in 10 Minuten und 4 gleichzeitige Anfragen, je App und Postfach.',
    },
    url: 'https://learn.microsoft.com/graph/throttling-limits',
  },
  hints: [
    ...microsoftHints,
    {
      at: 'request',
      messages: ['mailbox is either inactive, soft-deleted, or is hosted on-premise'],
      cause: {
        en: 'The account has no mailbox at Microsoft: it is switched off, deleted, or on a server of the organization.',
        de: 'Das Konto hat kein Postfach bei Microsoft: Es ist abgeschaltet, gelöscht oder liegt auf einem Server der Organisation.',
      },
      operator: {
        en: 'Let an account be connected whose mailbox is in Exchange Online or Outlook.com.',
        de: 'Lassen Sie ein Konto verbinden, dessen Postfach in Exchange Online oder Outlook.com liegt.',
      },
      person: {
        en: 'Connect the Microsoft account that you read your email with.',
        de: 'Verbinden Sie das Microsoft-Konto, mit dem Sie Ihre E-Mails lesen.',
      },
    },
  ],
}

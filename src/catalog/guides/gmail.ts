import type { ProviderGuide } from '../guide.ts'
import { googleApp, googleHints, googleSources } from './google.ts'

const api = 'Gmail API'

export const gmailGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    ...googleSources,
    'https://developers.google.com/workspace/gmail/api/auth/scopes',
    'https://developers.google.com/workspace/gmail/api/reference/quota',
    'https://support.google.com/cloud/answer/13464325',
  ],
  logo: 'gmail',
  color: '#ea4335',
  app: googleApp(api, {
    en: 'Open **Verification Center** and submit the app. Reading email is a restricted scope, which also needs a security assessment every year; sending email is a sensitive scope. Until then, people see a warning, and at most 100 can connect.',
    de: 'Öffnen Sie **Verification Center** und reichen Sie die App ein. E-Mails zu lesen ist ein eingeschränkter Scope (restricted), für den auch jedes Jahr eine Sicherheitsprüfung nötig ist; E-Mails zu senden ist ein vertraulicher Scope (sensitive). Bis dahin erscheint eine Warnung, und höchstens 100 Personen können sich verbinden.',
  }),
  scopes: {
    'https://www.googleapis.com/auth/gmail.readonly': {
      en: 'read your emails, labels and settings',
      de: 'Ihre E-Mails, Labels und Einstellungen lesen',
    },
    'https://www.googleapis.com/auth/gmail.send': {
      en: 'send emails on your behalf',
      de: 'in Ihrem Namen E-Mails senden',
    },
  },
  rateLimit: {
    words: {
      en: '1,200,000 quota units a minute for a project and 6,000 for each user, where listing emails costs 5 units, reading one 20 and sending one 100; projects from before May 2026 may have other limits.',
      de: '1.200.000 Kontingenteinheiten pro Minute je Projekt und 6.000 je Person, wobei eine Liste von E-Mails 5 Einheiten kostet, das Lesen einer E-Mail 20 und das Senden 100; Projekte aus der Zeit vor Mai 2026 können andere Grenzen haben.',
    },
    url: 'https://developers.google.com/workspace/gmail/api/reference/quota',
  },
  hints: googleHints(api),
}

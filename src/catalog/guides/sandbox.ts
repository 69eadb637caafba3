import type { ProviderGuide } from '../guide.ts'

/** The sandbox is part of Latchkey, and its client is part of its definition: there is nothing to register. */
export const sandboxGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [],
  logo: null,
  color: '#0f766e',
  scopes: {
    'records.read': {
      en: 'read the users and projects of the account, and read and create tasks',
      de: 'die Benutzer und Projekte des Kontos lesen sowie Aufgaben lesen und anlegen',
    },
  },
  rateLimit: null,
  hints: [
    {
      at: 'consent',
      errors: ['access_denied'],
      cause: {
        en: 'Access was declined on the page of the sandbox.',
        de: 'Der Zugriff wurde auf der Seite der Sandbox abgelehnt.',
      },
      operator: {
        en: 'Connect again and select **Allow**.',
        de: 'Verbinden Sie das Konto erneut und wählen Sie **Allow**.',
      },
      person: {
        en: 'Connect again and select **Allow**.',
        de: 'Verbinden Sie das Konto erneut und wählen Sie **Allow**.',
      },
    },
    {
      at: 'token',
      errors: ['invalid_grant'],
      cause: {
        en: 'The sandbox no longer knows this account. It keeps accounts in memory and forgets them when Latchkey restarts.',
        de: 'Die Sandbox kennt dieses Konto nicht mehr. Sie hält Konten im Speicher und vergisst sie, wenn Latchkey neu startet.',
      },
      operator: { en: 'Connect the account again.', de: 'Verbinden Sie das Konto erneut.' },
      person: { en: 'Connect the account again.', de: 'Verbinden Sie das Konto erneut.' },
    },
  ],
}

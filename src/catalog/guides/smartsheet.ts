import type { ProviderGuide } from '../guide.ts'

export const smartsheetGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://developers.smartsheet.com/api/smartsheet/guides/advanced-topics/oauth',
    'https://developers.smartsheet.com/register',
    'https://developers.smartsheet.com/api/smartsheet/guides/advanced-topics/scalability-options',
    'https://developers.smartsheet.com/api/smartsheet/error-codes',
    'https://developers.smartsheet.com/api/smartsheet/guides/basics/base-url',
  ],
  unverified: ['hints'],
  logo: null,
  color: '#003059',
  app: {
    url: 'https://developers.smartsheet.com/register',
    steps: [
      {
        en: 'Register the email address of a licensed Smartsheet user on a Business plan or higher, and wait until Smartsheet has activated Developer Tools. An account that belongs to no person is best.',
        de: 'Registrieren Sie die E-Mail-Adresse eines lizenzierten Smartsheet-Benutzers mit Business-Tarif oder höher und warten Sie, bis Smartsheet die Developer Tools freigeschaltet hat. Am besten ist ein Konto, das keiner Person gehört.',
      },
      {
        en: 'In Smartsheet, select your account icon at the bottom left, then **Developer Tools**, and fill in the developer profile.',
        de: 'Wählen Sie in Smartsheet unten links Ihr Kontosymbol und dann **Developer Tools** und füllen Sie das Entwicklerprofil aus.',
      },
      {
        en: 'Select **Create New App**. Fill in the form, paste the callback URL as **App redirect URL**, select **Publish App?**, and select **Save**.',
        de: 'Wählen Sie **Create New App**. Füllen Sie das Formular aus, fügen Sie die Callback-URL als **App redirect URL** ein, wählen Sie **Publish App?** und dann **Save**.',
      },
      {
        en: 'Copy the **App client id** and the **App secret**. Scopes are not set in the app; the integration requests them.',
        de: 'Kopieren Sie die **App client id** und das **App secret**. Scopes werden nicht in der App eingestellt, die Integration fordert sie an.',
      },
    ],
  },
  fields: {
    region: {
      label: 'Region',
      description:
        'Womit die Adresse Ihres Smartsheet endet: com, eu oder au; oder gov für Smartsheet Gov. Standard: com.',
    },
  },
  scopes: {
    READ_SHEETS: {
      en: 'read your sheets, with their cells, attachments and discussions',
      de: 'Ihre Sheets mit Zellen, Anhängen und Diskussionen lesen',
    },
    WRITE_SHEETS: {
      en: 'add and change data in your sheets, with cells, attachments and discussions',
      de: 'Daten in Ihren Sheets hinzufügen und ändern, mit Zellen, Anhängen und Diskussionen',
    },
    READ_USERS: {
      en: 'see the people and groups of your Smartsheet organization',
      de: 'die Personen und Gruppen Ihrer Smartsheet-Organisation sehen',
    },
  },
  rateLimit: {
    words: {
      en: '300 requests a minute for each token. Some requests, such as those for attachments and the history of a cell, count as 10.',
      de: '300 Anfragen pro Minute je Token. Manche Anfragen, etwa zu Anhängen oder zum Verlauf einer Zelle, zählen zehnfach.',
    },
    url: 'https://developers.smartsheet.com/api/smartsheet/guides/advanced-topics/scalability-options',
  },
  hints: [
    {
      at: 'provider_page',
      cause: {
        en: 'The callback URL is not the one that is registered in the Smartsheet app.',
        de: 'Die Callback-URL stimmt nicht mit der in der Smartsheet-App eingetragenen überein.',
      },
      operator: {
        en: 'Paste the callback URL exactly into **App redirect URL** of the app under **Developer Tools**.',
        de: 'Fügen Sie die Callback-URL unter **Developer Tools** genau so bei **App redirect URL** der App ein.',
      },
      url: 'https://developers.smartsheet.com/api/smartsheet/guides/advanced-topics/oauth',
    },
    {
      at: 'provider_page',
      cause: {
        en: 'The region is not that of the account, or the Smartsheet app is registered in another region.',
        de: 'Die Region ist nicht die des Kontos, oder die Smartsheet-App ist in einer anderen Region eingetragen.',
      },
      operator: {
        en: 'Register an app in the region of the account and create an integration with its client, because each region has apps and tokens of its own.',
        de: 'Tragen Sie in der Region des Kontos eine App ein und legen Sie mit deren Client eine Integration an, da jede Region eigene Apps und Tokens hat.',
      },
      person: {
        en: 'Check the region: it is the end of the address at which you use Smartsheet, such as eu of app.smartsheet.eu.',
        de: 'Prüfen Sie die Region: Sie ist das Ende der Adresse, unter der Sie Smartsheet verwenden, etwa eu bei app.smartsheet.eu.',
      },
    },
    {
      at: 'token',
      errors: ['invalid_grant'],
      messages: ['refresh_token is invalid'],
      cause: {
        en: 'The refresh token is no longer valid.',
        de: 'Das Refresh-Token gilt nicht mehr.',
      },
      operator: {
        en: 'Have the account reconnected.',
        de: 'Lassen Sie das Konto neu verbinden.',
      },
      person: {
        en: 'Connect again.',
        de: 'Verbinden Sie erneut.',
      },
    },
    {
      at: 'request',
      statuses: [403],
      messages: ['You are not authorized to perform this action'],
      cause: {
        en: 'The person lacks the right to do this, or the token lacks a scope.',
        de: 'Der Person fehlt das Recht dazu, oder dem Token fehlt ein Scope.',
      },
      operator: {
        en: 'Add the scope to the integration and have the account reconnected, or ask for an account with more rights.',
        de: 'Ergänzen Sie den Scope in der Integration und lassen Sie das Konto neu verbinden, oder bitten Sie um ein Konto mit mehr Rechten.',
      },
      person: {
        en: 'Ask the owner of the sheet for access, or connect an account that has it.',
        de: 'Bitten Sie die Person, der das Sheet gehört, um Zugriff, oder verbinden Sie ein Konto, das ihn hat.',
      },
      url: 'https://developers.smartsheet.com/api/smartsheet/error-codes',
    },
  ],
}

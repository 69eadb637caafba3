import type { ProviderGuide } from '../guide.ts'

export const mailchimpGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/',
    'https://mailchimp.com/developer/marketing/docs/fundamentals/',
    'https://mailchimp.com/developer/marketing/docs/errors/',
  ],
  logo: 'mailchimp',
  color: '#ffe01b',
  app: {
    url: 'https://admin.mailchimp.com/account/oauth2/',
    steps: [
      {
        en: 'Sign in to Mailchimp, open **Registered Apps**, and select **Register An App**.',
        de: 'Melden Sie sich bei Mailchimp an, öffnen Sie **Registered Apps** und wählen Sie **Register An App**.',
      },
      {
        en: 'Paste the callback URL as the **Redirect URI**, and enter the name of the app, your company and your website. For a try on your own machine, use 127.0.0.1 instead of localhost. Select **Create**.',
        de: 'Fügen Sie die Callback-URL als **Redirect URI** ein und tragen Sie den Namen der App, Ihr Unternehmen und Ihre Website ein. Für einen Versuch auf dem eigenen Rechner verwenden Sie 127.0.0.1 statt localhost. Wählen Sie **Create**.',
      },
      {
        en: 'At the end of the page, copy the client ID and the client secret. There are no scopes to choose: the app may do what the user may do.',
        de: 'Kopieren Sie am Ende der Seite die Client-ID und das Client-Secret. Scopes sind nicht auszuwählen: Die App darf, was der Benutzer darf.',
      },
    ],
  },
  scopes: {},
  rateLimit: {
    words: {
      en: 'Per user: 10 requests at the same time.',
      de: 'Je Benutzer: 10 Anfragen gleichzeitig.',
    },
    url: 'https://mailchimp.com/developer/marketing/docs/fundamentals/',
  },
  hints: [
    {
      at: 'provider_page',
      cause: {
        en: 'Mailchimp shows an error instead of its sign-in, because the callback URL or the client ID does not match the registered app.',
        de: 'Mailchimp zeigt einen Fehler statt der Anmeldung, weil Callback-URL oder Client-ID nicht zur registrierten App passen.',
      },
      operator: {
        en: 'Compare the **Redirect URI** and the client ID under **Registered Apps**, character by character.',
        de: 'Vergleichen Sie **Redirect URI** und Client-ID unter **Registered Apps** zeichengenau.',
      },
      url: 'https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/',
    },
    {
      at: 'request',
      messages: ['Your API key may be invalid'],
      cause: {
        en: 'The access was revoked in Mailchimp, or a token that you supplied has the wrong data centre.',
        de: 'Der Zugriff wurde in Mailchimp widerrufen, oder ein von Ihnen übergebenes Token hat das falsche Rechenzentrum.',
      },
      operator: {
        en: 'Let the account be reconnected. For a token of your own, check the value dc, such as us6.',
        de: 'Lassen Sie das Konto neu verbinden. Prüfen Sie bei einem eigenen Token den Wert dc, etwa us6.',
      },
      person: { en: 'Connect the account again.', de: 'Verbinden Sie das Konto neu.' },
      url: 'https://mailchimp.com/developer/marketing/docs/errors/',
    },
    {
      at: 'request',
      messages: ['The API key provided is linked to a different data center'],
      cause: {
        en: 'The token belongs to an account in another data centre.',
        de: 'Das Token gehört zu einem Konto in einem anderen Rechenzentrum.',
      },
      operator: {
        en: 'Let the account be reconnected, or correct the value dc of the token that you supply.',
        de: 'Lassen Sie das Konto neu verbinden, oder berichtigen Sie den Wert dc des Tokens, das Sie übergeben.',
      },
      person: { en: 'Connect the account again.', de: 'Verbinden Sie das Konto neu.' },
      url: 'https://mailchimp.com/developer/marketing/docs/errors/',
    },
    {
      at: 'request',
      messages: ['This account has been disabled', 'This account has been deactivated'],
      cause: {
        en: 'Mailchimp has deactivated the account.',
        de: 'Mailchimp hat das Konto deaktiviert.',
      },
      operator: {
        en: 'The owner of the account has to have it activated again at Mailchimp.',
        de: 'Die Inhaberin oder der Inhaber des Kontos muss es bei Mailchimp wieder freischalten lassen.',
      },
      person: {
        en: 'Contact the support of Mailchimp, so that your account is activated again.',
        de: 'Wenden Sie sich an den Support von Mailchimp, damit Ihr Konto wieder freigeschaltet wird.',
      },
      url: 'https://mailchimp.com/developer/marketing/docs/errors/',
    },
  ],
}

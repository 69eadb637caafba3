import type { ProviderGuide } from '../guide.ts'

export const netsuiteGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/chapter_1540809676.html',
    'https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_157909186990.html',
    'https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_158394344595.html',
    'https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_156414087576.html',
  ],
  unverified: ['key', 'hints'],
  logo: null,
  color: '#125580',
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
}

import type { IntegrationDefinition } from '../definition/definition.ts'
import type { OAuth2 } from '../definition/oauth2.ts'
import type { GuideHint, GuideSteps, Words } from '../guide.ts'
import type { Source } from '../provider-file.ts'

/** Documentation that the products of Atlassian share. */
export const atlassianSources: Source[] = [
  { url: 'https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/', read: '2026-11-29' },
  { url: 'https://developer.atlassian.com/cloud/oauth/getting-started/managing-oauth-apps/', read: '2026-11-29' },
  {
    url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
    read: '2026-11-29',
    second: true,
    differs: 'Nango sends token requests as a form. The documentation has JSON.',
  },
]

/** OAuth 2.0 (3LO) of Atlassian's cloud (https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/). */
export function atlassianOAuth(scopes: string[]): OAuth2 {
  return {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://auth.atlassian.com/authorize',
    authorizationParams: { audience: 'api.atlassian.com', prompt: 'consent' },
    tokenUrl: 'https://auth.atlassian.com/oauth/token',
    scopes: [...scopes, 'offline_access'],
    tokenRequest: { format: 'json' },
    // A used refresh token is accepted for ten more minutes. Using it later revokes the whole token family
    // (https://community.developer.atlassian.com/t/updated-31-january-2022-action-required-deprecating-persistent-refresh-tokens/54172).
    rotation: 'rotating',
    graceSeconds: 600,
    // It expires when it is not used for 90 days.
    refreshTokenLifetime: 'P90D',
  }
}

/** The site that the person chose, by whose id requests are sent: https://api.atlassian.com/ex/<product>/{{ kept.cloud_id }}. */
export const atlassianSite: NonNullable<IntegrationDefinition['afterConnect']> = [
  {
    path: 'https://api.atlassian.com/oauth/token/accessible-resources',
    keep: { cloud_id: [0, 'id'], site_url: [0, 'url'], site_name: [0, 'name'] },
  },
]

/** @param api name of the API in the developer console, such as `Jira API` */
export function atlassianApp(api: string): GuideSteps {
  return {
    url: 'https://developer.atlassian.com/console/myapps/',
    steps: [
      {
        en: 'Select **Create** and **OAuth 2.0 integration**. Enter a name. If Atlassian asks for the access, choose **Resource-level**: people then pick one site. Agree to the terms and select **Create**.',
        de: 'Wählen Sie **Create** und **OAuth 2.0 integration**. Geben Sie einen Namen ein. Falls Atlassian nach dem Zugriff fragt, wählen Sie **Resource-level**: Personen wählen dann eine Site aus. Stimmen Sie den Bedingungen zu und wählen Sie **Create**.',
      },
      {
        en: 'Open **Authorization**. Next to **OAuth 2.0 (3LO)**, select **Add**, paste the callback URL as **Callback URL**, and select **Save changes**.',
        de: 'Öffnen Sie **Authorization**. Wählen Sie neben **OAuth 2.0 (3LO)** die Schaltfläche **Add**, fügen Sie die Callback-URL als **Callback URL** ein und wählen Sie **Save changes**.',
      },
      {
        en: `Open **Permissions**. Next to **${api}**, select **Add**, then **Configure** and **Edit Scopes**. Select each scope that is listed here, and save. The scope offline_access is not in the list and needs no entry.`,
        de: `Öffnen Sie **Permissions**. Wählen Sie neben **${api}** die Schaltfläche **Add**, dann **Configure** und **Edit Scopes**. Wählen Sie jeden hier genannten Scope aus und speichern Sie. Der Scope offline_access steht nicht in der Liste und braucht keinen Eintrag.`,
      },
      {
        en: 'Open **Distribution**, select **Edit**, choose **Sharing**, fill in the details of the vendor, and save. Until then, only you can use the app.',
        de: 'Öffnen Sie **Distribution**, wählen Sie **Edit** und **Sharing**, füllen Sie die Angaben zum Anbieter aus und speichern Sie. Bis dahin können nur Sie die App verwenden.',
      },
      {
        en: 'Open **Settings** and copy **Client ID** and **Secret**, which is the client secret.',
        de: 'Öffnen Sie **Settings** und kopieren Sie **Client ID** und **Secret**, das Client-Secret.',
      },
    ],
  }
}

export const atlassianScopes: Readonly<Record<string, Words>> = {
  offline_access: {
    en: 'keep this access while you are not using the app',
    de: 'diesen Zugriff behalten, auch wenn Sie die App gerade nicht verwenden',
  },
}

export const atlassianTokens: Words = {
  en: 'A refresh token that is used again after the ten minutes ends the access, because the whole family of tokens is revoked.',
  de: 'Wird ein Refresh-Token nach Ablauf der zehn Minuten noch einmal verwendet, endet der Zugriff, weil die ganze Token-Familie widerrufen wird.',
}

export const atlassianSiteTrap: Words = {
  en: 'A connection belongs to one site. If Atlassian returns several, the first one is used.',
  de: 'Eine Verbindung gehört zu einer Site. Gibt Atlassian mehrere Sites zurück, wird die erste verwendet.',
}

/** Mistakes that all of Atlassian's products report in the same way. */
export const atlassianHints: GuideHint[] = [
  {
    at: 'provider_page',
    messages: ['redirect_uri is not registered for client'],
    cause: {
      en: 'The callback URL is not registered in the Atlassian app.',
      de: 'Die Callback-URL ist in der Atlassian-App nicht eingetragen.',
    },
    operator: {
      en: 'Paste the callback URL exactly under **Authorization** and **OAuth 2.0 (3LO)**.',
      de: 'Fügen Sie die Callback-URL genau so unter **Authorization** bei **OAuth 2.0 (3LO)** ein.',
    },
    url: 'https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/',
  },
  {
    at: 'provider_page',
    cause: {
      en: 'The app is not shared, so that only the person who made it can connect.',
      de: 'Die App ist nicht freigegeben, deshalb kann sich nur die Person verbinden, die sie angelegt hat.',
    },
    operator: {
      en: 'Open **Distribution** in the developer console and choose **Sharing**.',
      de: 'Öffnen Sie in der Entwicklerkonsole **Distribution** und wählen Sie **Sharing**.',
    },
    url: 'https://developer.atlassian.com/cloud/oauth/getting-started/managing-oauth-apps/',
  },
  {
    at: 'provider_page',
    messages: ['Your site admin must authorize this app'],
    cause: {
      en: 'The Atlassian site lets only its administrators install apps.',
      de: 'Auf der Atlassian-Site dürfen nur Administratoren Apps installieren.',
    },
    operator: {
      en: 'Ask an administrator of the site to connect once. Others can connect after that.',
      de: 'Bitten Sie die Administration der Site, sich einmal zu verbinden. Danach können es auch andere.',
    },
    person: {
      en: 'Ask an administrator of your Atlassian site to authorize the app, then connect again.',
      de: 'Bitten Sie die Administration Ihrer Atlassian-Site, die App zu autorisieren, und verbinden Sie das Konto danach erneut.',
    },
  },
  {
    at: 'token',
    messages: ['Unknown or invalid refresh token', 'refresh_token is invalid'],
    cause: {
      en: 'The refresh token is no longer valid. It expires after 90 days without use, and when the person changes the password.',
      de: 'Das Refresh-Token gilt nicht mehr. Es läuft nach 90 Tagen ohne Verwendung ab und wenn die Person das Passwort ändert.',
    },
    operator: {
      en: 'Have the account reconnected.',
      de: 'Lassen Sie das Konto neu verbinden.',
    },
    person: {
      en: 'Connect the account again.',
      de: 'Verbinden Sie das Konto erneut.',
    },
    url: 'https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/',
  },
  {
    at: 'request',
    messages: ['scope does not match'],
    cause: {
      en: 'The token lacks a scope that this request needs.',
      de: 'Dem Token fehlt ein Scope, den diese Anfrage braucht.',
    },
    operator: {
      en: 'Add the scope in **Permissions** of the app and to the integration, then have the account reconnected.',
      de: 'Ergänzen Sie den Scope unter **Permissions** der App und in der Integration und lassen Sie das Konto dann neu verbinden.',
    },
  },
]

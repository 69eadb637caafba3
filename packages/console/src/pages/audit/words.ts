import { language } from '../../texts.ts'

/** The objects of actions, as they stand in a sentence: "created a connection". */
const OBJECTS = {
  en: {
    ApiKey: 'an API key',
    AuthProvider: 'an auth provider',
    ConnectSession: 'a connect session',
    Connection: 'a connection',
    EndUser: 'an end user',
    Integration: 'an integration',
    OidcIssuer: 'an OIDC issuer',
    ToolSession: 'a tool session',
    WebhookEndpoint: 'a webhook endpoint',
    Workspace: 'the workspace',
  },
  de: {
    ApiKey: 'einen API-Schlüssel',
    AuthProvider: 'einen Auth-Provider',
    ConnectSession: 'eine Connect-Sitzung',
    Connection: 'eine Verbindung',
    EndUser: 'einen Endnutzer',
    Integration: 'eine Integration',
    OidcIssuer: 'einen OIDC-Aussteller',
    ToolSession: 'eine Tool-Sitzung',
    WebhookEndpoint: 'einen Webhook-Endpunkt',
    Workspace: 'den Arbeitsbereich',
  },
} as const

/** Verbs of actions: what somebody did, and what was refused. In German, `hat … angelegt` and `anlegen`. */
const VERBS = {
  en: {
    approve: ['approved', 'approve'],
    create: ['created', 'create'],
    delete: ['deleted', 'delete'],
    refresh: ['renewed', 'renew'],
    revoke: ['revoked', 'revoke'],
    test: ['tested', 'test'],
    update: ['changed', 'change'],
    upsert: ['created or changed', 'create or change'],
    verify: ['verified', 'verify'],
    confirm: ['confirmed', 'confirm'],
  },
  de: {
    approve: ['freigegeben', 'freigeben'],
    create: ['angelegt', 'anlegen'],
    delete: ['gelöscht', 'löschen'],
    refresh: ['erneuert', 'erneuern'],
    revoke: ['widerrufen', 'widerrufen'],
    test: ['getestet', 'testen'],
    update: ['geändert', 'ändern'],
    upsert: ['angelegt oder geändert', 'anlegen oder ändern'],
    verify: ['bestätigt', 'bestätigen'],
    confirm: ['bestätigt', 'bestätigen'],
  },
} as const

/** Actions that do not consist of a verb and an object: what somebody did, and what was refused. */
const OTHERS = {
  en: {
    cancelSync: ['cancelled a sync', 'cancel a sync'],
    completeOAuth: ['finished connecting an account', 'finish connecting an account'],
    consoleSignIn: ['signed in to the console', 'sign in to the console'],
    consoleSignOut: ['signed out of the console', 'sign out of the console'],
    executeRequest: ['sent a request through a connection', 'send a request through a connection'],
    importDefinition: ['imported a definition', 'import a definition'],
    proxy: ['sent a request through a connection', 'send a request through a connection'],
    redeliverWebhook: ['delivered webhooks again', 'deliver webhooks again'],
    replaceCredential: ['replaced the credential of a connection', 'replace the credential of a connection'],
    rotateWebhookSecret: ['rotated the secret of a webhook endpoint', 'rotate the secret of a webhook endpoint'],
    runAction: ['ran an action', 'run an action'],
    startOAuth: ['began to connect an account', 'begin to connect an account'],
    triggerSync: ['started a sync', 'start a sync'],
  },
  de: {
    cancelSync: ['einen Sync abgebrochen', 'einen Sync abbrechen'],
    completeOAuth: ['das Verbinden eines Kontos beendet', 'das Verbinden eines Kontos beenden'],
    consoleSignIn: ['sich an der Konsole angemeldet', 'sich an der Konsole anmelden'],
    consoleSignOut: ['sich von der Konsole abgemeldet', 'sich von der Konsole abmelden'],
    executeRequest: ['eine Anfrage über eine Verbindung gesendet', 'eine Anfrage über eine Verbindung senden'],
    importDefinition: ['eine Definition importiert', 'eine Definition importieren'],
    proxy: ['eine Anfrage über eine Verbindung gesendet', 'eine Anfrage über eine Verbindung senden'],
    redeliverWebhook: ['Webhooks erneut zugestellt', 'Webhooks erneut zustellen'],
    replaceCredential: ['die Zugangsdaten einer Verbindung ersetzt', 'die Zugangsdaten einer Verbindung ersetzen'],
    rotateWebhookSecret: [
      'den Signaturschlüssel eines Webhook-Endpunkts gewechselt',
      'den Signaturschlüssel eines Webhook-Endpunkts wechseln',
    ],
    runAction: ['eine Aktion ausgeführt', 'eine Aktion ausführen'],
    startOAuth: ['begonnen, ein Konto zu verbinden', 'ein Konto verbinden'],
    triggerSync: ['einen Sync gestartet', 'einen Sync starten'],
  },
} as const

/** Every action that the audit log has, for the filter. */
export const ACTIONS = [
  ...['approveOidcIssuer', 'cancelSync', 'completeOAuth', 'confirmConnection', 'consoleSignIn', 'consoleSignOut'],
  ...['createApiKey', 'createAuthProvider', 'createConnectSession', 'createConnection', 'createIntegration'],
  ...['createOidcIssuer', 'createToolSession', 'createWebhookEndpoint', 'createWorkspace', 'deleteAuthProvider'],
  ...['deleteConnection', 'deleteEndUser', 'deleteIntegration', 'deleteOidcIssuer', 'deleteWebhookEndpoint'],
  ...[
    'deleteWorkspace',
    'executeRequest',
    'importDefinition',
    'proxy',
    'redeliverWebhook',
    'refreshConnection',
    'replaceCredential',
  ],
  ...['revokeApiKey', 'revokeConnectSession', 'revokeToolSession', 'rotateWebhookSecret', 'runAction', 'startOAuth'],
  ...['testConnection', 'testIntegration', 'testWebhookEndpoint', 'triggerSync', 'updateAuthProvider'],
  ...['updateConnection', 'updateIntegration', 'updateOidcIssuer', 'updateWebhookEndpoint', 'updateWorkspace'],
  ...['upsertEndUser', 'verifyOidcIssuer'],
] as const

/**
 * The part of the sentence behind the name of the caller.
 * @returns undefined for an action that the console does not know, such as one of a newer server
 */
export function wordsOf(action: string, isRefused: boolean, of: 'en' | 'de' = language): string | undefined {
  const words = phraseOf(action, of)?.[isRefused ? 1 : 0]
  if (words === undefined || !isRefused) return words === undefined || of === 'en' ? words : `hat ${words}`
  return of === 'en' ? `could not ${words}` : `konnte nicht ${words}`
}

function phraseOf(action: string, of: 'en' | 'de'): readonly [done: string, refused: string] | undefined {
  const other = Object.entries(OTHERS[of]).find(([name]) => name === action)?.[1]
  if (other !== undefined) return other
  const [, verbName, objectName] = /^([a-z]+)([A-Z]\w*)$/.exec(action) ?? []
  const verb = Object.entries(VERBS[of]).find(([name]) => name === verbName)?.[1]
  const object = Object.entries(OBJECTS[of]).find(([name]) => name === objectName)?.[1]
  if (verb === undefined || object === undefined) return undefined
  return of === 'en'
    ? [`${verb[0]} ${object}`, `${verb[1]} ${object}`]
    : [`${object} ${verb[0]}`, `${object} ${verb[1]}`]
}

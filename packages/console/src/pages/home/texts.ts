import { makeTexts } from '../../texts.ts'

export const t = makeTexts({
  en: {
    'home.title': 'Home',
    'home.connections': 'Connections',
    'home.active': 'Active',
    'home.running': 'Syncs running',
    'home.attention': 'Needs attention',
    'home.fine': 'Nothing needs attention.',
    'home.fineText': 'Every connection works, and the last syncs succeeded.',
    'home.syncFailed': 'Sync failed',
    'home.webhook': 'Webhook endpoint disabled',
    'home.recent': 'Recent syncs',
    'home.first': 'Make your first connection',
    'home.firstText':
      'The sandbox is a small service inside Latchkey that behaves like a third party: it has a consent page, tokens that expire, and records to sync.',
    'home.firstProduction':
      'Create an integration and a connect session with the API. Connections appear here as soon as somebody connects.',
    'home.connect': 'Connect the sandbox',
    'home.sync': 'Start a sync',
    'home.connected': '{name} is connected. Read its records now.',
  },
  de: {
    'home.title': 'Übersicht',
    'home.connections': 'Verbindungen',
    'home.active': 'Aktiv',
    'home.running': 'Laufende Syncs',
    'home.attention': 'Zu erledigen',
    'home.fine': 'Es ist nichts zu tun.',
    'home.fineText': 'Alle Verbindungen funktionieren, und die letzten Synchronisierungen waren erfolgreich.',
    'home.syncFailed': 'Synchronisierung fehlgeschlagen',
    'home.webhook': 'Webhook-Endpunkt deaktiviert',
    'home.recent': 'Letzte Synchronisierungen',
    'home.first': 'Die erste Verbindung herstellen',
    'home.firstText':
      'Die Sandbox ist ein kleiner Dienst in Latchkey, der sich wie ein Drittanbieter verhält: mit Zustimmungsseite, ablaufenden Tokens und Datensätzen.',
    'home.firstProduction':
      'Legen Sie über die API eine Integration und eine Connect-Sitzung an. Verbindungen erscheinen hier, sobald jemand sie herstellt.',
    'home.connect': 'Die Sandbox verbinden',
    'home.sync': 'Synchronisierung starten',
    'home.connected': '{name} ist verbunden. Lesen Sie jetzt die Datensätze.',
  },
})

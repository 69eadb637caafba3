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
    'home.webhookFails': 'Webhook deliveries fail',
    'home.key': 'The API key {name} expires',
    'home.moreBroken': '{count} more connections do not work',
    'home.addIntegration': 'Add an integration',
    'home.own': 'Or set up a provider of your own',
    'home.recent': 'Recent syncs',
    'home.first': 'Make your first connection',
    'home.firstText':
      'The sandbox is a small service inside Latchkey that behaves like a third party: it has a consent page, tokens that expire, and records to sync.',
    'home.firstProduction':
      'An integration is a third-party service that your users connect. Choose one, and set it up step by step.',
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
    'home.webhookFails': 'Webhook-Zustellungen schlagen fehl',
    'home.key': 'Der API-Schlüssel {name} läuft ab',
    'home.moreBroken': '{count} weitere Verbindungen funktionieren nicht',
    'home.addIntegration': 'Integration hinzufügen',
    'home.own': 'Oder einen eigenen Anbieter einrichten',
    'home.recent': 'Letzte Synchronisierungen',
    'home.first': 'Die erste Verbindung herstellen',
    'home.firstText':
      'Die Sandbox ist ein kleiner Dienst in Latchkey, der sich wie ein Drittanbieter verhält: mit Zustimmungsseite, ablaufenden Tokens und Datensätzen.',
    'home.firstProduction':
      'Eine Integration ist ein Drittanbieter, den Ihre Nutzer verbinden. Wählen Sie einen aus und richten Sie ihn Schritt für Schritt ein.',
    'home.connect': 'Die Sandbox verbinden',
    'home.sync': 'Synchronisierung starten',
    'home.connected': '{name} ist verbunden. Lesen Sie jetzt die Datensätze.',
  },
})

import { makeTexts } from '../../texts.ts'

export const t = makeTexts({
  en: {
    'queue.running': 'Running',
    'queue.queued': 'Waiting for a worker',
    'queue.waiting': 'Waiting for a provider',
    'queue.waitingText': 'They wait for a rate limit, for the time that the provider named, or before another try.',
    'queue.oldest': 'Longest wait',
    'queue.none': 'none',
    'queue.empty': 'Nothing to do',
    'queue.emptyText':
      'No sync runs or waits. Syncs start by schedule, by the API, or with “Sync now” on a connection.',
    'queue.limits': 'Limits',
    'queue.limitsText':
      'What this workspace may use of the deployment. The documentation names the environment variables.',
    'queue.points': 'Points per minute, for the workspace',
    'queue.keyPoints': 'Points per minute, for each API key',
    'queue.pointsText': 'A point is about one millisecond of a processor core.',
    'queue.requests': 'Open requests of one caller',
    'queue.subscriptions': 'Live subscriptions',
    'queue.answer': 'Largest answer',
    'queue.unlimited': 'no limit',
  },
  de: {
    'queue.running': 'Laufen',
    'queue.queued': 'Warten auf einen Worker',
    'queue.waiting': 'Warten auf einen Anbieter',
    'queue.waitingText':
      'Sie warten auf ein Rate-Limit, auf den vom Anbieter genannten Zeitpunkt oder vor einem neuen Versuch.',
    'queue.oldest': 'Längste Wartezeit',
    'queue.none': 'keine',
    'queue.empty': 'Es ist nichts zu tun',
    'queue.emptyText':
      'Keine Synchronisierung läuft oder wartet. Sie beginnen nach Zeitplan, über die API oder mit „Synchronisieren“ bei einer Verbindung.',
    'queue.limits': 'Limits',
    'queue.limitsText':
      'Was dieser Arbeitsbereich von der Installation nutzen darf. Die Dokumentation nennt die Umgebungsvariablen dazu.',
    'queue.points': 'Punkte pro Minute, für den Arbeitsbereich',
    'queue.keyPoints': 'Punkte pro Minute, für jeden API-Schlüssel',
    'queue.pointsText': 'Ein Punkt ist etwa eine Millisekunde eines Prozessorkerns.',
    'queue.requests': 'Offene Anfragen eines Aufrufers',
    'queue.subscriptions': 'Live-Abonnements',
    'queue.answer': 'Größte Antwort',
    'queue.unlimited': 'kein Limit',
  },
})

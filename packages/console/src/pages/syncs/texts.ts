import { makeTexts } from '../../texts.ts'

export const t = makeTexts({
  en: {
    'syncs.title': 'Sync jobs',
    'syncs.empty': 'No sync jobs',
    'syncs.emptyText': 'A sync job reads the streams of a connection and stores their records.',
  },
  de: {
    'syncs.title': 'Synchronisierungen',
    'syncs.empty': 'Keine Synchronisierungen',
    'syncs.emptyText': 'Eine Synchronisierung liest die Streams einer Verbindung und speichert ihre Datensätze.',
  },
})

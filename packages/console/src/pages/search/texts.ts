import { makeTexts } from '../../texts.ts'

export const t = makeTexts({
  en: {
    'search.title': 'Search',
    'search.placeholder': 'Connections, end users, integrations, pages',
    'search.none': 'Nothing is called “{text}”.',
    'search.count': '{count} results',
    'search.pages': 'Pages',
    'search.catalogue': 'Set up',
    'search.setUp': 'Set up {name}',
    'search.keys': '↑ ↓ to choose, Enter to open, Esc to close',
  },
  de: {
    'search.title': 'Suche',
    'search.placeholder': 'Verbindungen, Endnutzer, Integrationen, Seiten',
    'search.none': 'Nichts heißt „{text}“.',
    'search.count': '{count} Treffer',
    'search.pages': 'Seiten',
    'search.catalogue': 'Einrichten',
    'search.setUp': '{name} einrichten',
    'search.keys': '↑ ↓ wählen, Enter öffnen, Esc schließen',
  },
})

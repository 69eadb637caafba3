import { makeTexts } from '../../texts.ts'

export const t = makeTexts({
  en: {
    'events.title': 'Events',
    'events.empty': 'No events',
    'events.emptyText': 'Events appear here while they happen.',
    'events.pause': 'Pause',
    'events.resume': 'Resume',
    'events.waiting': '{count} new',
  },
  de: {
    'events.title': 'Ereignisse',
    'events.empty': 'Keine Ereignisse',
    'events.emptyText': 'Ereignisse erscheinen hier, während sie geschehen.',
    'events.pause': 'Anhalten',
    'events.resume': 'Fortsetzen',
    'events.waiting': '{count} neu',
  },
})

import { makeTexts } from '../../texts.ts'

export const t = makeTexts({
  en: {
    'events.title': 'Events',
    'events.empty': 'No events',
    'events.emptyText': 'Events appear here while they happen.',
    'events.pause': 'Pause',
    'events.resume': 'Resume',
    'events.waiting': '{count} new',
    'events.from': 'Replay from',
    'events.newest': 'Newest first',
    'events.replay': 'All events from {time} on, in their order.',
  },
  de: {
    'events.title': 'Ereignisse',
    'events.empty': 'Keine Ereignisse',
    'events.emptyText': 'Ereignisse erscheinen hier, während sie geschehen.',
    'events.pause': 'Anhalten',
    'events.resume': 'Fortsetzen',
    'events.waiting': '{count} neu',
    'events.from': 'Wiedergeben ab',
    'events.newest': 'Neueste zuerst',
    'events.replay': 'Alle Ereignisse ab {time} in ihrer Reihenfolge.',
  },
})

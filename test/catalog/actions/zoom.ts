import type { ActionExample } from './example.ts'

export const examples: ActionExample[] = [
  {
    action: 'create_meeting',
    arguments: {
      topic: 'My Meeting',
      start_time: '2026-03-25T07:32:55Z',
      duration: 60,
      timezone: 'America/Los_Angeles',
      agenda: 'My agenda',
    },
    request: 'POST https://api.zoom.us/v2/users/me/meetings',
    body: {
      topic: 'My Meeting',
      type: 2,
      start_time: '2026-03-25T07:32:55Z',
      duration: 60,
      timezone: 'America/Los_Angeles',
      agenda: 'My agenda',
    },
    answer: { status: 201, body: { id: 92674392836, topic: 'My Meeting' } },
    output: { id: 92674392836, topic: 'My Meeting' },
  },
  {
    action: 'get_meeting',
    arguments: { meeting_id: 85746065432 },
    request: 'GET https://api.zoom.us/v2/meetings/85746065432',
    answer: { body: { id: 85746065432, topic: 'My Meeting' } },
    output: { id: 85746065432, topic: 'My Meeting' },
  },
  {
    action: 'list_meetings',
    arguments: { type: 'upcoming', limit: 5, cursor: 'IAfJX3jsOLW7w3dokmFl84zOa0MAVGyMEB2' },
    request:
      'GET https://api.zoom.us/v2/users/me/meetings?type=upcoming&page_size=5&next_page_token=IAfJX3jsOLW7w3dokmFl84zOa0MAVGyMEB2',
    answer: { body: { meetings: [{ id: 97763643886 }], next_page_token: '' } },
    output: { meetings: [{ id: 97763643886 }], next_page_token: '' },
  },
  {
    action: 'delete_meeting',
    arguments: { meeting_id: 85746065432 },
    request: 'DELETE https://api.zoom.us/v2/meetings/85746065432',
    answer: { status: 204 },
    output: null,
  },
]

import type { ActionDefinition } from '../definition/action.ts'
import { choice, cursor, input, integer, limit, text } from './input.ts'

const reference = 'https://developers.zoom.us/docs/api/meetings/#tag/meetings'
const meeting = { meeting_id: integer('Number of the meeting.', { minimum: 1 }) }

/** `scopes` are configured in the app. */
export const zoomActions: ActionDefinition[] = [
  {
    name: 'create_meeting',
    title: 'Create a meeting',
    description:
      'Creates a meeting of the connected user and returns it with its id, join_url and start_url. Without start_time it is an instant meeting. Anyone who has the start_url can start the meeting as its host.',
    docsUrl: `${reference}/post/users/{userId}/meetings`,
    scopes: ['meeting:write:meeting'],
    input: input(
      { topic: text('Topic.', { maxLength: 200 }) },
      {
        start_time: text(
          'When it begins: 2026-07-01T07:00:00Z in UTC, or 2026-07-01T09:00:00 as local time in timezone.',
          { pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z?$' },
        ),
        duration: integer('Length in minutes. Default: 60.', { minimum: 1, maximum: 1440 }),
        timezone: text('Time zone of start_time, such as Europe/Berlin. Default: that of the user.'),
        agenda: text('Description.', { maxLength: 2000 }),
      },
    ),
    request: {
      method: 'POST',
      path: '/users/me/meetings',
      json: {
        topic: '{{ args.topic }}',
        // 1: instant, 2: scheduled.
        type: '{{ 2 if args.start_time else 1 }}',
        start_time: '{{ args.start_time }}',
        duration: '{{ args.duration }}',
        timezone: '{{ args.timezone }}',
        agenda: '{{ args.agenda }}',
      },
    },
  },
  {
    name: 'get_meeting',
    title: 'Get a meeting',
    description: 'Returns one meeting: topic, times, join_url and settings.',
    docsUrl: `${reference}/get/meetings/{meetingId}`,
    scopes: ['meeting:read:meeting'],
    readOnly: true,
    input: input(meeting),
    request: { method: 'GET', path: '/meetings/{{ args.meeting_id }}' },
  },
  {
    name: 'list_meetings',
    title: 'List meetings',
    description:
      'Lists the meetings of the connected user. Returns meetings; next_page_token is the cursor of the next page.',
    docsUrl: `${reference}/get/users/{userId}/meetings`,
    scopes: ['meeting:read:list_meetings'],
    readOnly: true,
    input: input(
      {},
      {
        type: choice('Which meetings. Default: scheduled.', ['scheduled', 'live', 'upcoming', 'previous_meetings']),
        limit: limit(300, 30),
        cursor: cursor('next_page_token'),
      },
    ),
    request: {
      method: 'GET',
      path: '/users/me/meetings',
      query: {
        type: "{{ args.type | default('scheduled') }}",
        page_size: '{{ args.limit | default(30) }}',
        next_page_token: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'delete_meeting',
    title: 'Delete a meeting',
    description: 'Cancels a meeting. Zoom can restore it for 7 days. Returns nothing.',
    docsUrl: `${reference}/delete/meetings/{meetingId}`,
    scopes: ['meeting:delete:meeting'],
    destructive: true,
    input: input(meeting),
    request: { method: 'DELETE', path: '/meetings/{{ args.meeting_id }}' },
  },
]

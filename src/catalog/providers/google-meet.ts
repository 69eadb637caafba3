import { choice, cursor, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import { discovery, googleProduct, nangoSource } from '../families/google.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developers.google.com/workspace/meet/api/reference/rest/v2'

const READ = 'https://www.googleapis.com/auth/meetings.space.readonly'

const CREATE = 'https://www.googleapis.com/auth/meetings.space.created'

/** Names are paths: `conferenceRecords/<record>` and `conferenceRecords/<record>/transcripts/<transcript>`. */
const ofConference = "/conferenceRecords/{{ parent.name | split('/') | last }}"

const ofTranscript =
  "/conferenceRecords/{{ (parent.name | split('/'))[1] }}/transcripts/{{ parent.name | split('/') | last }}"

const actions: ActionDefinition[] = [
  {
    name: 'create_meeting',
    title: 'Create a meeting',
    description:
      'Creates a meeting space and returns it with its meetingUri, which people open to join, and its meetingCode.',
    docsUrl: `${reference}/spaces/create`,
    scopes: [CREATE],
    input: input(
      {},
      {
        access: choice(
          'Who joins without asking: OPEN everybody with the link, TRUSTED the organization and invited people, RESTRICTED invited people. Default: what the organization has set.',
          ['OPEN', 'TRUSTED', 'RESTRICTED'],
        ),
      },
    ),
    request: {
      method: 'POST',
      path: '/spaces',
      json: { config: { accessType: "{{ args.access | default('ACCESS_TYPE_UNSPECIFIED') }}" } },
    },
  },
  {
    name: 'get_meeting',
    title: 'Get a meeting',
    description: 'Returns a meeting space with its address, its settings and activeConference, if people are in it.',
    docsUrl: `${reference}/spaces/get`,
    scopes: [READ],
    readOnly: true,
    input: input({
      space: text('Id of the space or its meeting code, such as abc-mnop-xyz.', { pattern: '^[\\w-]+$' }),
    }),
    request: { method: 'GET', path: '/spaces/{{ args.space }}' },
  },
  {
    name: 'list_conferences',
    title: 'List past meetings',
    description:
      'Lists meetings that took place in the last 30 days, the newest first. Returns conferenceRecords; nextPageToken is the cursor of the next page.',
    docsUrl: `${reference}/conferenceRecords/list`,
    scopes: [READ],
    readOnly: true,
    input: input(
      {},
      {
        filter: text('Which meetings are listed, such as: space.meeting_code = "abc-mnop-xyz" or end_time IS NULL.'),
        limit: limit(100, 25),
        cursor: cursor('nextPageToken'),
      },
    ),
    request: {
      method: 'GET',
      path: '/conferenceRecords',
      query: {
        filter: '{{ args.filter }}',
        pageSize: '{{ args.limit | default(25) }}',
        pageToken: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'list_transcript_entries',
    title: 'Read a transcript',
    description:
      'Returns transcriptEntries: what was said, by whom and when. nextPageToken is the cursor of the next page.',
    docsUrl: `${reference}/conferenceRecords.transcripts.entries/list`,
    scopes: [READ],
    readOnly: true,
    input: input(
      {
        conference_id: text('Id of the conference record, the part after conferenceRecords/.', {
          pattern: '^[\\w-]+$',
        }),
        transcript_id: text('Id of the transcript, the part after transcripts/.', { pattern: '^[\\w-]+$' }),
      },
      { limit: limit(100, 100), cursor: cursor('nextPageToken') },
    ),
    request: {
      method: 'GET',
      path: '/conferenceRecords/{{ args.conference_id }}/transcripts/{{ args.transcript_id }}/entries',
      query: { pageSize: '{{ args.limit | default(100) }}', pageToken: '{{ args.cursor }}' },
    },
  },
]

const list = (name: string, path: string, records: string, pageSize: string, parent: string) => ({
  name,
  parent: { stream: parent },
  path,
  query: { pageSize },
  recordsPath: [records],
  omitsEmptyList: true,
  primaryKey: [['name']],
  pagination: { type: 'cursor' as const, path: ['nextPageToken'], param: 'pageToken' },
  // The record has expired since the list was read.
  responses: [{ status: 404, as: 'empty' as const }],
})

export const provider: ProviderFile = googleProduct({
  aliases: ['gmeet', 'g meet', 'google hangouts meet', 'hangouts meet', 'google duo', 'meet transcripts'],
  logo: 'googlemeet',
  color: '#00897b',
  sources: [
    discovery('meet.v2'),
    { url: 'https://developers.google.com/meet/api/guides/conferences?hl=ko', read: '2026-11-29' },
    { url: 'https://developers.google.cn/meet/api/guides/limits?hl=he', read: '2026-11-29' },
    nangoSource,
  ],
  api: 'Google Meet API',
  requested: [READ],
  definition: {
    displayName: 'Google Meet',
    docsUrl: reference,
    categories: ['video', 'communication'],
    baseUrl: 'https://meet.googleapis.com/v2',
    // 600 reads a minute for each user (developers.google.com/workspace/meet/api/guides/limits).
    rateLimit: { requestsPerSecond: 10 },
    testRequest: { path: '/conferenceRecords?pageSize=1' },
    streams: [
      {
        name: 'conference_records',
        path: '/conferenceRecords',
        query: { pageSize: '100' },
        recordsPath: ['conferenceRecords'],
        omitsEmptyList: true,
        primaryKey: [['name']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
      list('participants', `${ofConference}/participants`, 'participants', '250', 'conference_records'),
      list('recordings', `${ofConference}/recordings`, 'recordings', '100', 'conference_records'),
      list('transcripts', `${ofConference}/transcripts`, 'transcripts', '100', 'conference_records'),
      list('transcript_entries', `${ofTranscript}/entries`, 'transcriptEntries', '100', 'transcripts'),
    ],
    actions,
  },
  guide: {
    traps: [
      {
        en: 'Google deletes the record of a meeting, with its participants and transcript entries, 30 days after it ended.',
        de: 'Google löscht den Eintrag einer Besprechung samt Teilnehmenden und Transkript 30 Tage nach deren Ende.',
      },
      {
        en: 'Recordings are files in Google Drive, and transcripts are documents in Google Docs: reading them needs a connection to those.',
        de: 'Aufzeichnungen sind Dateien in Google Drive und Transkripte Dokumente in Google Docs: Um sie zu lesen, ist eine Verbindung dorthin nötig.',
      },
      {
        en: 'Only meetings are listed that the person owns or took part in.',
        de: 'Aufgelistet werden nur Besprechungen, die der Person gehören oder an denen sie teilgenommen hat.',
      },
    ],
    scopes: {
      [READ]: {
        en: 'read information about any of your Google Meet meetings',
        de: 'Informationen über alle Ihre Besprechungen in Google Meet lesen',
      },
      [CREATE]: {
        en: 'create Google Meet meetings, and read and change those that it created',
        de: 'Besprechungen in Google Meet anlegen sowie selbst angelegte lesen und ändern',
      },
    },
    rateLimit: {
      words: {
        en: '6,000 reads and 1,000 writes a minute for a project, and 600 reads and 100 writes for each user; new meetings 100 for a project and 10 for each user.',
        de: '6.000 Lese- und 1.000 Schreibanfragen pro Minute je Projekt und 600 Lese- und 100 Schreibanfragen je Person; neue Besprechungen 100 je Projekt und 10 je Person.',
      },
      url: 'https://developers.google.com/workspace/meet/api/guides/limits',
    },
  },
})

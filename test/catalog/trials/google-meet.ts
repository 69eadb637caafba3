import { googleHeaders, googleRefused, googleTokens } from '../providers/google-answers.ts'
import type { ActionExample, Answer, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const exhausted: Answer = {
  status: 429,
  body: { error: { code: 429, message: 'Quota exceeded for quota metric.', status: 'RESOURCE_EXHAUSTED' } },
}

const space = {
  name: 'spaces/jQCFfuBOdN5z',
  meetingCode: 'abc-mnop-xyz',
  config: { accessType: 'TRUSTED', entryPointAccess: 'ALL' },
}

const of = (name: string, records: string, path: string, ids: string[]): StreamTrial => ({
  name,
  parent: { name: path },
  pages: [
    { body: { [records]: [{ name: `${path}/${ids[0]}` }], nextPageToken: 'p2' } },
    { body: { [records]: [{ name: `${path}/${ids[1]}` }] } },
  ],
  keys: ids.map((id) => `parent/${path}/${id}`),
  asksFor: 'pageToken=p2',
  limited: exhausted,
})

const actions: ActionExample[] = [
  {
    action: 'create_meeting',
    arguments: { access: 'TRUSTED' },
    request: 'POST https://meet.googleapis.com/v2/spaces',
    body: { config: { accessType: 'TRUSTED' } },
    answer: { body: space },
    output: space,
  },
  {
    action: 'get_meeting',
    arguments: { space: 'abc-mnop-xyz' },
    request: 'GET https://meet.googleapis.com/v2/spaces/abc-mnop-xyz',
    answer: { body: space },
    output: space,
  },
  {
    action: 'list_conferences',
    arguments: { filter: 'end_time IS NULL', limit: 5, cursor: 'p2' },
    request: 'GET https://meet.googleapis.com/v2/conferenceRecords?filter=end_time%20IS%20NULL&pageSize=5&pageToken=p2',
    answer: { body: { conferenceRecords: [{ name: 'conferenceRecords/a1', space: 'spaces/jQCFfuBOdN5z' }] } },
    output: { conferenceRecords: [{ name: 'conferenceRecords/a1', space: 'spaces/jQCFfuBOdN5z' }] },
  },
  {
    action: 'list_transcript_entries',
    arguments: { conference_id: 'a1', transcript_id: 't1', limit: 50, cursor: 'p2' },
    request: 'GET https://meet.googleapis.com/v2/conferenceRecords/a1/transcripts/t1/entries?pageSize=50&pageToken=p2',
    answer: { body: { transcriptEntries: [{ name: 'conferenceRecords/a1/transcripts/t1/entries/1', text: 'Hello' }] } },
    output: { transcriptEntries: [{ name: 'conferenceRecords/a1/transcripts/t1/entries/1', text: 'Hello' }] },
  },
]

export const trial: ProviderTrial = {
  ...googleTokens('https://www.googleapis.com/auth/meetings.space.readonly'),
  test: {
    asks: 'GET meet.googleapis.com/v2/conferenceRecords?pageSize=1',
    headers: googleHeaders,
    good: { body: {} },
    refused: googleRefused,
  },
  streams: [
    {
      name: 'conference_records',
      pages: [
        { body: { conferenceRecords: [{ name: 'conferenceRecords/a1' }], nextPageToken: 'p2' } },
        { body: { conferenceRecords: [{ name: 'conferenceRecords/a2' }] } },
      ],
      keys: ['conferenceRecords/a1', 'conferenceRecords/a2'],
      asksFor: 'pageToken=p2',
      limited: exhausted,
    },
    of('participants', 'participants', 'conferenceRecords/a1', ['participants/1', 'participants/2']),
    of('recordings', 'recordings', 'conferenceRecords/a1', ['recordings/1', 'recordings/2']),
    of('transcripts', 'transcripts', 'conferenceRecords/a1', ['transcripts/1', 'transcripts/2']),
    {
      ...of('transcript_entries', 'transcriptEntries', 'conferenceRecords/a1/transcripts/t1', [
        'entries/1',
        'entries/2',
      ]),
      asksFor: '/v2/conferenceRecords/a1/transcripts/t1/entries?pageSize=100&pageToken=p2',
    },
  ],
  actions,
}

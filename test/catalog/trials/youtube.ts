import { googleHeaders, googleRefused, googleTokens } from '../providers/google-answers.ts'
import type { ActionExample, Answer, ProviderTrial } from '../providers/trial.ts'

const exceeded: Answer = {
  status: 403,
  body: {
    error: {
      code: 403,
      message: 'The request cannot be completed because you have exceeded your quota.',
      errors: [{ domain: 'youtube.quota', reason: 'quotaExceeded', message: 'You have exceeded your quota.' }],
    },
  },
}

const item = (id: string) => ({ kind: 'youtube#playlistItem', id, contentDetails: { videoId: 'dQw4w9WgXcQ' } })

const actions: ActionExample[] = [
  {
    action: 'search_videos',
    arguments: {
      query: 'surfing',
      channel_id: 'UC_x5XG1OV2P6uZZ5FSM9Ttw',
      published_after: '2026-07-01T00:00:00Z',
      order: 'date',
      limit: 5,
      cursor: 'CAUQAA',
    },
    request:
      'GET https://youtube.googleapis.com/youtube/v3/search?part=snippet&type=video&q=surfing&channelId=UC_x5XG1OV2P6uZZ5FSM9Ttw&publishedAfter=2026-07-01T00%3A00%3A00Z&order=date&maxResults=5&pageToken=CAUQAA',
    answer: { body: { kind: 'youtube#searchListResponse', items: [{ id: { videoId: 'dQw4w9WgXcQ' } }] } },
    output: { kind: 'youtube#searchListResponse', items: [{ id: { videoId: 'dQw4w9WgXcQ' } }] },
  },
  {
    action: 'get_video',
    arguments: { video_id: 'dQw4w9WgXcQ' },
    request:
      'GET https://youtube.googleapis.com/youtube/v3/videos?part=snippet%2CcontentDetails%2Cstatus%2Cstatistics&id=dQw4w9WgXcQ',
    answer: { body: { kind: 'youtube#videoListResponse', items: [{ id: 'dQw4w9WgXcQ' }] } },
    output: { kind: 'youtube#videoListResponse', items: [{ id: 'dQw4w9WgXcQ' }] },
  },
  {
    action: 'list_comments',
    arguments: { video_id: 'dQw4w9WgXcQ', query: 'great', limit: 5, cursor: 'Qg' },
    request:
      'GET https://youtube.googleapis.com/youtube/v3/commentThreads?part=snippet%2Creplies&textFormat=plainText&videoId=dQw4w9WgXcQ&searchTerms=great&maxResults=5&pageToken=Qg',
    answer: { body: { kind: 'youtube#commentThreadListResponse', items: [] } },
    output: { kind: 'youtube#commentThreadListResponse', items: [] },
  },
  {
    action: 'reply_to_comment',
    arguments: { comment_id: 'UgzDE2tasfmrYLyNkGt4AaABAg', text: 'Thank you!' },
    request: 'POST https://youtube.googleapis.com/youtube/v3/comments?part=snippet',
    body: { snippet: { parentId: 'UgzDE2tasfmrYLyNkGt4AaABAg', textOriginal: 'Thank you!' } },
    answer: { body: { kind: 'youtube#comment', id: 'UgzDE2tasfmrYLyNkGt4AaABAg.8' } },
    output: { kind: 'youtube#comment', id: 'UgzDE2tasfmrYLyNkGt4AaABAg.8' },
  },
]

export const trial: ProviderTrial = {
  ...googleTokens('https://www.googleapis.com/auth/youtube.readonly'),
  test: {
    asks: 'GET youtube.googleapis.com/youtube/v3/channels?part=id&mine=true',
    headers: googleHeaders,
    good: { body: { kind: 'youtube#channelListResponse', items: [{ id: 'UC_x5XG1OV2P6uZZ5FSM9Ttw' }] } },
    refused: googleRefused,
  },
  streams: [
    {
      name: 'channels',
      pages: [
        {
          body: {
            kind: 'youtube#channelListResponse',
            nextPageToken: 'CAUQAA',
            items: [{ id: 'UC_x5XG1OV2P6uZZ5FSM9Ttw' }],
          },
        },
        { body: { kind: 'youtube#channelListResponse', items: [{ id: 'UCBR8-60-B28hp2BmDPdntcQ' }] } },
      ],
      keys: ['UC_x5XG1OV2P6uZZ5FSM9Ttw', 'UCBR8-60-B28hp2BmDPdntcQ'],
      asksFor: 'pageToken=CAUQAA',
      limited: exceeded,
    },
    {
      name: 'uploads',
      parent: { contentDetails: { relatedPlaylists: { uploads: 'UU_x5XG1OV2P6uZZ5FSM9Ttw' } } },
      pages: [
        { body: { kind: 'youtube#playlistItemListResponse', nextPageToken: 'CAUQAA', items: [item('VVU1')] } },
        { body: { kind: 'youtube#playlistItemListResponse', items: [item('VVU2')] } },
      ],
      keys: ['parent/VVU1', 'parent/VVU2'],
      asksFor: 'playlistId=UU_x5XG1OV2P6uZZ5FSM9Ttw&maxResults=50&pageToken=CAUQAA',
      limited: exceeded,
    },
    {
      name: 'playlists',
      pages: [
        { body: { kind: 'youtube#playlistListResponse', nextPageToken: 'CAUQAA', items: [{ id: 'PL1' }] } },
        { body: { kind: 'youtube#playlistListResponse', items: [{ id: 'PL2' }] } },
      ],
      keys: ['PL1', 'PL2'],
      asksFor: 'pageToken=CAUQAA',
      limited: exceeded,
    },
    {
      name: 'playlist_items',
      parent: { id: 'PL1' },
      pages: [
        { body: { kind: 'youtube#playlistItemListResponse', nextPageToken: 'CAUQAA', items: [item('UEx1')] } },
        { body: { kind: 'youtube#playlistItemListResponse', items: [item('UEx2')] } },
      ],
      keys: ['parent/UEx1', 'parent/UEx2'],
      asksFor: 'playlistId=PL1&maxResults=50&pageToken=CAUQAA',
      limited: exceeded,
    },
  ],
  actions,
}

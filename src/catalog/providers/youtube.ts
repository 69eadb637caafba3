import { choice, cursor, input, instant, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import { discovery, googleProduct, nangoSource } from '../families/google.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developers.google.com/youtube/v3/docs'

const READ = 'https://www.googleapis.com/auth/youtube.readonly'

const WRITE = 'https://www.googleapis.com/auth/youtube.force-ssl'

const actions: ActionDefinition[] = [
  {
    name: 'search_videos',
    title: 'Search videos',
    description:
      'Finds public videos. Returns items with id.videoId; nextPageToken is the cursor of the next page. A project can search only 100 times a day.',
    docsUrl: `${reference}/search/list`,
    scopes: [READ],
    readOnly: true,
    input: input(
      { query: text('Words to search for.') },
      {
        channel_id: text('Only videos of this channel.'),
        published_after: instant('Only videos published after this instant, such as 2026-07-01T00:00:00Z.'),
        order: choice('Order of the results. Default: relevance.', [
          'relevance',
          'date',
          'rating',
          'viewCount',
          'title',
        ]),
        limit: limit(50, 10),
        cursor: cursor('nextPageToken'),
      },
    ),
    request: {
      method: 'GET',
      path: '/search',
      query: {
        part: 'snippet',
        type: 'video',
        q: '{{ args.query }}',
        channelId: '{{ args.channel_id }}',
        publishedAfter: '{{ args.published_after }}',
        order: '{{ args.order }}',
        maxResults: '{{ args.limit | default(10) }}',
        pageToken: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'get_video',
    title: 'Get a video',
    description:
      'Returns in items one video with its title, description, length, status and counts of views and likes.',
    docsUrl: `${reference}/videos/list`,
    scopes: [READ],
    readOnly: true,
    input: input({ video_id: text('Id of the video, such as dQw4w9WgXcQ.', { pattern: '^[\\w-]+$' }) }),
    request: {
      method: 'GET',
      path: '/videos',
      query: { part: 'snippet,contentDetails,status,statistics', id: '{{ args.video_id }}' },
    },
  },
  {
    name: 'list_comments',
    title: 'List comments',
    description:
      'Lists the comments on a video with their first replies, the newest first. Returns items; nextPageToken is the cursor of the next page.',
    docsUrl: `${reference}/commentThreads/list`,
    scopes: [WRITE],
    readOnly: true,
    input: input(
      { video_id: text('Id of the video.', { pattern: '^[\\w-]+$' }) },
      { query: text('Only comments with these words.'), limit: limit(100, 20), cursor: cursor('nextPageToken') },
    ),
    request: {
      method: 'GET',
      path: '/commentThreads',
      query: {
        part: 'snippet,replies',
        textFormat: 'plainText',
        videoId: '{{ args.video_id }}',
        searchTerms: '{{ args.query }}',
        maxResults: '{{ args.limit | default(20) }}',
        pageToken: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'reply_to_comment',
    title: 'Reply to a comment',
    description: 'Publishes a reply to a comment in the name of the connected channel. Returns the reply.',
    docsUrl: `${reference}/comments/insert`,
    scopes: [WRITE],
    input: input({
      comment_id: text('Id of the comment. list_comments returns it as snippet.topLevelComment.id.'),
      text: text('The reply as plain text.'),
    }),
    request: {
      method: 'POST',
      path: '/comments',
      query: { part: 'snippet' },
      json: { snippet: { parentId: '{{ args.comment_id }}', textOriginal: '{{ args.text }}' } },
    },
  },
]

export const provider: ProviderFile = googleProduct({
  aliases: ['yt', 'youtube data api', 'youtube studio', 'google youtube', 'youtube channel'],
  logo: 'youtube',
  color: '#ff0000',
  sources: [
    discovery('youtube.v3'),
    { url: 'https://developers.google.com/youtube/data/determine_quota_cost', read: '2026-11-29' },
    nangoSource,
  ],
  api: 'YouTube Data API v3',
  requested: [READ],
  definition: {
    displayName: 'YouTube',
    docsUrl: reference,
    categories: ['marketing', 'analytics'],
    baseUrl: 'https://youtube.googleapis.com/youtube/v3',
    // The daily quota of the project is used up.
    responseErrors: [
      { status: 403, path: ['error', 'errors', 0, 'reason'], equals: 'quotaExceeded', as: 'rate_limit' },
    ],
    testRequest: { path: '/channels?part=id&mine=true' },
    streams: [
      {
        name: 'channels',
        path: '/channels',
        query: { part: 'snippet,contentDetails,statistics,status', mine: 'true', maxResults: '50' },
        recordsPath: ['items'],
        omitsEmptyList: true,
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
      {
        name: 'uploads',
        parent: { stream: 'channels' },
        // All videos of a channel are in a playlist. A search for them would cost much more.
        path: '/playlistItems',
        query: {
          part: 'snippet,contentDetails,status',
          playlistId: '{{ parent.contentDetails.relatedPlaylists.uploads }}',
          maxResults: '50',
        },
        recordsPath: ['items'],
        omitsEmptyList: true,
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
        // A channel without videos may have no such playlist.
        responses: [{ status: 404, as: 'empty' }],
      },
      {
        name: 'playlists',
        path: '/playlists',
        query: { part: 'snippet,contentDetails,status', mine: 'true', maxResults: '50' },
        recordsPath: ['items'],
        omitsEmptyList: true,
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
      {
        name: 'playlist_items',
        parent: { stream: 'playlists' },
        path: '/playlistItems',
        query: { part: 'snippet,contentDetails,status', playlistId: '{{ parent.id }}', maxResults: '50' },
        recordsPath: ['items'],
        omitsEmptyList: true,
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
        // The playlist was deleted since the list was read.
        responses: [{ status: 404, as: 'empty' }],
      },
    ],
    actions,
  },
  guide: {
    traps: [
      {
        en: 'The quota is that of your project, for all connected people together, and begins anew at midnight in Pacific time.',
        de: 'Das Kontingent gilt für Ihr Projekt, für alle verbundenen Personen zusammen, und beginnt um Mitternacht pazifischer Zeit neu.',
      },
      {
        en: 'Each page of a list costs one unit, each change usually 50, and also a request that fails costs at least one.',
        de: 'Jede Seite einer Liste kostet eine Einheit, jede Änderung meist 50, und auch eine fehlgeschlagene Anfrage kostet mindestens eine.',
      },
      {
        en: 'Reading comments needs the scope youtube.force-ssl, which also allows changes.',
        de: 'Um Kommentare zu lesen, ist der Scope youtube.force-ssl nötig, der auch Änderungen erlaubt.',
      },
    ],
    scopes: {
      [READ]: { en: 'see your YouTube account', de: 'Ihr YouTube-Konto sehen' },
      [WRITE]: {
        en: 'see, change and delete your YouTube videos, ratings, comments and captions',
        de: 'Ihre YouTube-Videos, Bewertungen, Kommentare und Untertitel sehen, ändern und löschen',
      },
    },
    rateLimit: {
      words: {
        en: '10,000 units a day for a project, besides 100 searches and 100 uploads a day.',
        de: '10.000 Einheiten pro Tag je Projekt, dazu 100 Suchen und 100 Uploads pro Tag.',
      },
      url: 'https://developers.google.com/youtube/v3/determine_quota_cost',
    },
  },
})

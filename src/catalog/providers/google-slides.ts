import { choice, flag, input, integer, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import {
  DRIVE,
  DRIVE_METADATA,
  discovery,
  driveWebhookSteps,
  googleFiles,
  googleProduct,
  googleWebhook,
  nangoSource,
} from '../families/google.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developers.google.com/workspace/slides/api/reference/rest/v1/presentations'

const READ = 'https://www.googleapis.com/auth/presentations.readonly'

const WRITE = 'https://www.googleapis.com/auth/presentations'

const presentation = {
  presentation_id: text('Id of the presentation, the part of its address after /d/.', { pattern: '^[\\w-]+$' }),
}

const actions: ActionDefinition[] = [
  {
    name: 'create_presentation',
    title: 'Create a presentation',
    description: 'Creates a presentation in My Drive and returns it with its presentationId.',
    docsUrl: `${reference}/create`,
    scopes: [WRITE],
    input: input({ title: text('Title of the presentation.') }),
    request: { method: 'POST', path: '/presentations', json: { title: '{{ args.title }}' } },
  },
  {
    name: 'get_presentation',
    title: 'Read a presentation',
    description:
      'Returns a presentation with its slides. Texts are in shape.text.textElements of the elements of a slide.',
    docsUrl: `${reference}/get`,
    scopes: [READ],
    readOnly: true,
    input: input(presentation, {
      fields: text('Which fields are returned, such as: title,slides(objectId,pageElements). Default: all.'),
    }),
    request: {
      method: 'GET',
      path: '/presentations/{{ args.presentation_id }}',
      query: { fields: '{{ args.fields }}' },
    },
  },
  {
    name: 'add_slide',
    title: 'Add a slide',
    description: 'Adds a slide with a layout to a presentation. Returns its objectId in replies.',
    docsUrl: `${reference}/batchUpdate`,
    scopes: [WRITE],
    input: input(presentation, {
      layout: choice('Layout of the slide. Default: BLANK.', [
        'BLANK',
        'TITLE',
        'TITLE_AND_BODY',
        'TITLE_AND_TWO_COLUMNS',
        'TITLE_ONLY',
        'SECTION_HEADER',
      ]),
      position: integer('Where it is inserted, from 0. Default: at the end.', { minimum: 0 }),
    }),
    request: {
      method: 'POST',
      path: '/presentations/{{ args.presentation_id }}:batchUpdate',
      json: {
        requests: [
          {
            createSlide: {
              insertionIndex: '{{ args.position }}',
              slideLayoutReference: { predefinedLayout: "{{ args.layout | default('BLANK') }}" },
            },
          },
        ],
      },
    },
  },
  {
    name: 'replace_text',
    title: 'Replace a text everywhere',
    description:
      'Replaces every occurrence of a text, which fills the placeholders of a template. Returns occurrencesChanged in replies.',
    docsUrl: `${reference}/batchUpdate`,
    scopes: [WRITE],
    destructive: true,
    input: input(
      {
        ...presentation,
        find: text('The text to look for, such as [name].'),
        replacement: { type: 'string', description: 'What takes its place. May be empty.' },
      },
      { match_case: flag('Distinguish upper and lower case. Default: false.') },
    ),
    request: {
      method: 'POST',
      path: '/presentations/{{ args.presentation_id }}:batchUpdate',
      json: {
        requests: [
          {
            replaceAllText: {
              containsText: { text: '{{ args.find }}', matchCase: '{{ args.match_case }}' },
              replaceText: '{{ args.replacement }}',
            },
          },
        ],
      },
    },
  },
]

export const provider: ProviderFile = googleProduct({
  aliases: ['gslides', 'g slides', 'google presentations', 'google präsentationen', 'google powerpoint'],
  logo: 'googleslides',
  color: '#fbbc04',
  sources: [
    discovery('slides.v1'),
    discovery('drive.v3'),
    { url: 'https://developers.google.cn/workspace/slides/api/limits.md.txt', read: '2026-11-29' },
    { url: 'https://developers.google.com/drive/push', read: '2026-11-29' },
    { url: 'https://developers.google.com/drive/web/scopes', read: '2026-11-29' },
    nangoSource,
    { url: 'https://github.com/airweave-ai/airweave', read: '2026-11-29', second: true },
  ],
  api: 'Google Slides API',
  moreApis: ['Google Drive API'],
  requested: [READ, DRIVE_METADATA],
  definition: {
    displayName: 'Google Slides',
    docsUrl: 'https://developers.google.com/workspace/slides/api/reference/rest',
    categories: ['documents'],
    baseUrl: 'https://slides.googleapis.com/v1',
    hosts: ['www.googleapis.com'],
    // 600 reads a minute for each user (developers.google.com/workspace/slides/api/limits).
    rateLimit: { requestsPerSecond: 10 },
    webhook: googleWebhook([{ streams: ['presentations'] }]),
    // The Slides API has no request that works without a presentation.
    testRequest: { baseUrl: DRIVE, path: '/about?fields=user' },
    streams: [
      googleFiles('presentations', 'presentation'),
      {
        name: 'slides',
        parent: { stream: 'presentations' },
        path: '/presentations/{{ parent.id }}',
        query: { fields: 'slides' },
        records: { path: ['slides'], set: { presentationId: '{{ parent.id }}' } },
        omitsEmptyList: true,
        primaryKey: [['objectId']],
        // It was deleted since the list was read, or is no longer shared.
        responses: [{ status: 404, as: 'empty' }],
      },
    ],
    actions,
  },
  guide: {
    webhook: driveWebhookSteps,
    events: ['change'],
    traps: [
      {
        en: 'The Slides API has no list of presentations: the Drive API lists them, so both APIs must be enabled.',
        de: 'Die Slides API hat keine Liste der Präsentationen: Die Drive API listet sie auf, deshalb müssen beide APIs aktiviert sein.',
      },
      {
        en: 'Reading a thumbnail counts against a lower limit than other reads.',
        de: 'Das Lesen eines Vorschaubilds zählt gegen eine niedrigere Grenze als andere Leseanfragen.',
      },
    ],
    scopes: {
      [READ]: {
        en: 'read all your Google Slides presentations',
        de: 'alle Ihre Präsentationen in Google Slides lesen',
      },
      [WRITE]: {
        en: 'read, change, create and delete all your Google Slides presentations',
        de: 'alle Ihre Präsentationen in Google Slides lesen, ändern, anlegen und löschen',
      },
      [DRIVE_METADATA]: {
        en: 'see the names, owners and dates of the files in your Google Drive',
        de: 'Namen, Besitzer und Daten der Dateien in Ihrem Google Drive sehen',
      },
    },
    rateLimit: {
      words: {
        en: '3,000 reads and 600 writes a minute for a project, and 600 reads and 60 writes for each user; thumbnails have lower limits.',
        de: '3.000 Lese- und 600 Schreibanfragen pro Minute je Projekt und 600 Lese- und 60 Schreibanfragen je Person; für Vorschaubilder gelten niedrigere Grenzen.',
      },
      url: 'https://developers.google.com/workspace/slides/limits',
    },
  },
})

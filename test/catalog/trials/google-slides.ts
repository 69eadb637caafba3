import {
  googleFilesTrial,
  googleHeaders,
  googleRefused,
  googleTokens,
  googleWebhook,
} from '../providers/google-answers.ts'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const id = '1EAYk18WDjIG-zp_0vLm3CsfQh_i8eXc67Jo2O9C6Vuc'

const actions: ActionExample[] = [
  {
    action: 'create_presentation',
    arguments: { title: 'Kick-off' },
    request: 'POST https://slides.googleapis.com/v1/presentations',
    body: { title: 'Kick-off' },
    answer: { body: { presentationId: id, title: 'Kick-off', slides: [{ objectId: 'p' }] } },
    output: { presentationId: id, title: 'Kick-off', slides: [{ objectId: 'p' }] },
  },
  {
    action: 'get_presentation',
    arguments: { presentation_id: id, fields: 'title,slides(objectId)' },
    request: `GET https://slides.googleapis.com/v1/presentations/${id}?fields=title%2Cslides(objectId)`,
    answer: { body: { title: 'Kick-off', slides: [{ objectId: 'p' }] } },
    output: { title: 'Kick-off', slides: [{ objectId: 'p' }] },
  },
  {
    action: 'add_slide',
    arguments: { presentation_id: id, layout: 'TITLE_AND_BODY', position: 1 },
    request: `POST https://slides.googleapis.com/v1/presentations/${id}:batchUpdate`,
    body: {
      requests: [{ createSlide: { insertionIndex: 1, slideLayoutReference: { predefinedLayout: 'TITLE_AND_BODY' } } }],
    },
    answer: { body: { presentationId: id, replies: [{ createSlide: { objectId: 'SLIDES_API_1' } }] } },
    output: { presentationId: id, replies: [{ createSlide: { objectId: 'SLIDES_API_1' } }] },
  },
  {
    action: 'replace_text',
    arguments: { presentation_id: id, find: '[name]', replacement: 'Ada', match_case: true },
    request: `POST https://slides.googleapis.com/v1/presentations/${id}:batchUpdate`,
    body: {
      requests: [{ replaceAllText: { containsText: { text: '[name]', matchCase: true }, replaceText: 'Ada' } }],
    },
    answer: { body: { presentationId: id, replies: [{ replaceAllText: { occurrencesChanged: 2 } }] } },
    output: { presentationId: id, replies: [{ replaceAllText: { occurrencesChanged: 2 } }] },
    overwrites: true,
  },
]

export const trial: ProviderTrial = {
  ...googleTokens('https://www.googleapis.com/auth/presentations.readonly'),
  test: {
    asks: 'GET www.googleapis.com/drive/v3/about?fields=user',
    headers: googleHeaders,
    good: { body: { user: { kind: 'drive#user', displayName: 'Ada', emailAddress: 'ada@example.com' } } },
    refused: googleRefused,
  },
  streams: [
    googleFilesTrial('presentations', 'presentation', id),
    {
      name: 'slides',
      parent: { id },
      pages: [{ body: { slides: [{ objectId: 'p', pageElements: [] }, { objectId: 'SLIDES_API_1' }] } }],
      keys: ['parent/p', 'parent/SLIDES_API_1'],
      asksFor: `/v1/presentations/${id}?fields=slides`,
      // developers.google.com/workspace/slides/limits
      limited: {
        status: 429,
        body: { error: { code: 429, message: 'Quota exceeded.', status: 'RESOURCE_EXHAUSTED' } },
      },
    },
  ],
  // developers.google.com/workspace/drive/api/guides/push
  webhook: googleWebhook([
    {
      query: 'external_id=crm-1',
      headers: {
        'X-Goog-Channel-ID': '4ba78bf0-6a47-11e2-bcfd-0800200c9a66',
        'X-Goog-Resource-ID': 'ret08u3rv24htgh289g',
        'X-Goog-Resource-URI': 'https://www.googleapis.com/drive/v3/changes?pageToken=1',
        'X-Goog-Resource-State': 'change',
        'X-Goog-Message-Number': '12',
      },
      events: [
        { id: '4ba78bf0-6a47-11e2-bcfd-0800200c9a66:12', type: 'change', account: 'crm-1', streams: ['presentations'] },
      ],
    },
  ]),
  actions,
}

import {
  googleFilesTrial,
  googleHeaders,
  googleRefused,
  googleTokens,
  googleWebhook,
} from '../providers/google-answers.ts'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const id = '195j9eDD3ccgjQRttHhJPymLJUCOUjs-jmwTrekvdjFE'

const actions: ActionExample[] = [
  {
    action: 'create_document',
    arguments: { title: 'Minutes' },
    request: 'POST https://docs.googleapis.com/v1/documents',
    body: { title: 'Minutes' },
    answer: { body: { documentId: id, title: 'Minutes', revisionId: 'ALm37BV', body: { content: [] } } },
    output: { documentId: id, title: 'Minutes', revisionId: 'ALm37BV', body: { content: [] } },
  },
  {
    action: 'get_document',
    arguments: { document_id: id, all_tabs: true },
    request: `GET https://docs.googleapis.com/v1/documents/${id}?includeTabsContent=true`,
    answer: { body: { documentId: id, title: 'Minutes', tabs: [{ tabProperties: { tabId: 't.0' } }] } },
    output: { documentId: id, title: 'Minutes', tabs: [{ tabProperties: { tabId: 't.0' } }] },
  },
  {
    action: 'append_text',
    arguments: { document_id: id, text: 'Done.\n', tab_id: 't.0' },
    request: `POST https://docs.googleapis.com/v1/documents/${id}:batchUpdate`,
    body: {
      requests: [{ insertText: { text: 'Done.\n', endOfSegmentLocation: { segmentId: '', tabId: 't.0' } } }],
    },
    answer: { body: { documentId: id, replies: [{}], writeControl: { requiredRevisionId: 'ALm37BW' } } },
    output: { documentId: id, replies: [{}], writeControl: { requiredRevisionId: 'ALm37BW' } },
  },
]

export const trial: ProviderTrial = {
  ...googleTokens('https://www.googleapis.com/auth/documents.readonly'),
  test: {
    asks: 'GET www.googleapis.com/drive/v3/about?fields=user',
    headers: googleHeaders,
    good: { body: { user: { kind: 'drive#user', displayName: 'Ada', emailAddress: 'ada@example.com' } } },
    refused: googleRefused,
  },
  streams: [
    googleFilesTrial('documents', 'document', id),
    {
      name: 'contents',
      parent: { id },
      pages: [{ body: { documentId: id, title: 'Minutes', tabs: [{ tabProperties: { tabId: 't.0' } }] } }],
      keys: [`parent/${id}`],
      asksFor: `/v1/documents/${id}?includeTabsContent=true`,
      // developers.google.com/workspace/docs/api/limits
      limited: {
        status: 429,
        body: {
          error: {
            code: 429,
            message:
              "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user' of service 'docs.googleapis.com' for consumer 'project_number:1'.",
            status: 'RESOURCE_EXHAUSTED',
          },
        },
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
        'X-Goog-Message-Number': '10',
      },
      events: [
        { id: '4ba78bf0-6a47-11e2-bcfd-0800200c9a66:10', type: 'change', account: 'crm-1', streams: ['documents'] },
      ],
    },
  ]),
  actions,
}

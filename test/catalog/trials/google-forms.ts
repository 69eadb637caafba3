import { googleFilesTrial, googleHeaders, googleRefused, googleTokens } from '../providers/google-answers.ts'
import type { ActionExample, Answer, ProviderTrial } from '../providers/trial.ts'

const id = '1FAIpQLSd0iBLPh4suZoGW938EU1WIxzObQjXoQ'

// developers.google.com/forms/api/limits
const exhausted: Answer = {
  status: 429,
  body: {
    error: {
      code: 429,
      message:
        "Quota exceeded for quota metric 'Expensive read requests' and limit 'Expensive read requests per minute per user' of service 'forms.googleapis.com' for consumer 'project_number:1'.",
      status: 'RESOURCE_EXHAUSTED',
    },
  },
}

const response = {
  responseId: 'ACYDBNj0',
  createTime: '2026-06-01T10:00:00.123Z',
  lastSubmittedTime: '2026-06-01T10:00:00.123456Z',
  answers: { '5b9d0c7e': { questionId: '5b9d0c7e', textAnswers: { answers: [{ value: 'Yes' }] } } },
}

const actions: ActionExample[] = [
  {
    action: 'create_form',
    arguments: { title: 'Feedback', document_title: 'Feedback 2026', unpublished: true },
    request: 'POST https://forms.googleapis.com/v1/forms?unpublished=true',
    body: { info: { title: 'Feedback', documentTitle: 'Feedback 2026' } },
    answer: {
      body: { formId: id, info: { title: 'Feedback', documentTitle: 'Feedback 2026' }, revisionId: '00000002' },
    },
    output: { formId: id, info: { title: 'Feedback', documentTitle: 'Feedback 2026' }, revisionId: '00000002' },
  },
  {
    action: 'get_form',
    arguments: { form_id: id },
    request: `GET https://forms.googleapis.com/v1/forms/${id}`,
    answer: { body: { formId: id, info: { title: 'Feedback' }, items: [] } },
    output: { formId: id, info: { title: 'Feedback' }, items: [] },
  },
  {
    action: 'list_responses',
    arguments: { form_id: id, filter: 'timestamp >= 2026-07-01T00:00:00Z', limit: 10, cursor: 'p2' },
    request: `GET https://forms.googleapis.com/v1/forms/${id}/responses?filter=timestamp%20%3E%3D%202026-07-01T00%3A00%3A00Z&pageSize=10&pageToken=p2`,
    answer: { body: { responses: [response] } },
    output: { responses: [response] },
  },
]

export const trial: ProviderTrial = {
  ...googleTokens('https://www.googleapis.com/auth/forms.responses.readonly'),
  test: {
    asks: 'GET www.googleapis.com/drive/v3/about?fields=user',
    headers: googleHeaders,
    good: { body: { user: { kind: 'drive#user', displayName: 'Ada', emailAddress: 'ada@example.com' } } },
    refused: googleRefused,
  },
  streams: [
    googleFilesTrial('forms', 'form', id),
    {
      name: 'form_contents',
      parent: { id },
      pages: [{ body: { formId: id, info: { title: 'Feedback' }, items: [] } }],
      keys: [`parent/${id}`],
      asksFor: `/v1/forms/${id}`,
      limited: exhausted,
    },
    {
      name: 'responses',
      parent: { id },
      pages: [
        { body: { responses: [response], nextPageToken: 'p2' } },
        {
          body: {
            responses: [{ ...response, responseId: 'ACYDBNj1', lastSubmittedTime: '2026-06-02T10:00:00.5Z' }],
          },
        },
      ],
      keys: ['parent/ACYDBNj0', 'parent/ACYDBNj1'],
      asksFor: 'pageToken=p2',
      since: { cursor: '2026-06-02T10:00:00.5Z', value: 'timestamp >= 2026-06-02T10:00:00Z' },
      limited: exhausted,
    },
  ],
  actions,
}

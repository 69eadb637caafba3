import { cursor, flag, input, integer, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import { DRIVE, DRIVE_METADATA, discovery, googleFiles, googleProduct, nangoSource } from '../families/google.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developers.google.com/workspace/forms/api/reference/rest/v1/forms'

const READ = 'https://www.googleapis.com/auth/forms.body.readonly'

const RESPONSES = 'https://www.googleapis.com/auth/forms.responses.readonly'

const WRITE = 'https://www.googleapis.com/auth/forms.body'

const form = {
  form_id: text('Id of the form, the part of the address of its editor after /d/.', { pattern: '^[\\w-]+$' }),
}

const actions: ActionDefinition[] = [
  {
    name: 'create_form',
    title: 'Create a form',
    description:
      'Creates a form without questions and returns it with its formId and the responderUri that people open to answer.',
    docsUrl: `${reference}/create`,
    scopes: [WRITE],
    input: input(
      { title: text('Title that respondents see.') },
      {
        document_title: text('Name of the file in Google Drive. Default: the title.'),
        unpublished: flag('Whether it takes no responses yet. Default: false.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/forms',
      query: { unpublished: '{{ args.unpublished }}' },
      json: { info: { title: '{{ args.title }}', documentTitle: '{{ args.document_title }}' } },
    },
  },
  {
    name: 'get_form',
    title: 'Get a form',
    description:
      'Returns a form with its settings and its questions in items. Answers name a question by its questionId.',
    docsUrl: `${reference}/get`,
    scopes: [READ],
    readOnly: true,
    input: input(form),
    request: { method: 'GET', path: '/forms/{{ args.form_id }}' },
  },
  {
    name: 'list_responses',
    title: 'List responses',
    description:
      'Lists the responses to a form. Returns responses with their answers by questionId; nextPageToken is the cursor of the next page.',
    docsUrl: `${reference}.responses/list`,
    scopes: [RESPONSES],
    readOnly: true,
    input: input(form, {
      filter: text('Which responses are listed, such as: timestamp >= 2026-07-01T00:00:00Z.'),
      limit: integer('How many results to return at most. Default: 100.', { minimum: 1, maximum: 5000, default: 100 }),
      cursor: cursor('nextPageToken'),
    }),
    request: {
      method: 'GET',
      path: '/forms/{{ args.form_id }}/responses',
      query: {
        filter: '{{ args.filter }}',
        pageSize: '{{ args.limit | default(100) }}',
        pageToken: '{{ args.cursor }}',
      },
    },
  },
]

export const provider: ProviderFile = googleProduct({
  aliases: ['gforms', 'g forms', 'google form', 'google surveys', 'google formulare', 'google umfragen'],
  logo: 'googleforms',
  color: '#7248b9',
  sources: [
    discovery('forms.v1'),
    discovery('drive.v3'),
    { url: 'https://developers.google.com/forms/api/guides/push-notifications', read: '2026-11-29' },
    { url: 'https://developers.google.com/forms/api/limits', read: '2026-11-29' },
    { url: 'https://developers.google.com/drive/web/scopes', read: '2026-11-29' },
    nangoSource,
  ],
  api: 'Google Forms API',
  moreApis: ['Google Drive API'],
  requested: [READ, RESPONSES, DRIVE_METADATA],
  definition: {
    displayName: 'Google Forms',
    docsUrl: 'https://developers.google.com/workspace/forms/api/reference/rest',
    categories: ['forms'],
    baseUrl: 'https://forms.googleapis.com/v1',
    hosts: ['www.googleapis.com'],
    // 180 lists of responses a minute for each user (developers.google.com/workspace/forms/api/limits).
    rateLimit: { requestsPerSecond: 3 },
    // The Forms API has no request that works without a form.
    testRequest: { baseUrl: DRIVE, path: '/about?fields=user' },
    streams: [
      googleFiles('forms', 'form'),
      {
        name: 'form_contents',
        parent: { stream: 'forms' },
        path: '/forms/{{ parent.id }}',
        records: { one: true },
        primaryKey: [['formId']],
        // It was deleted since the list was read, or is no longer shared.
        responses: [{ status: 404, as: 'empty' }],
      },
      {
        name: 'responses',
        parent: { stream: 'forms' },
        path: '/forms/{{ parent.id }}/responses',
        query: { pageSize: '5000' },
        records: { path: ['responses'], set: { formId: '{{ parent.id }}' } },
        omitsEmptyList: true,
        primaryKey: [['responseId']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
        responses: [{ status: 404, as: 'empty' }],
        incremental: {
          cursorField: ['lastSubmittedTime'],
          param: 'filter',
          format: 'timestamp >= %Y-%m-%dT%H:%M:%SZ',
          per: 'parent',
        },
      },
    ],
    actions,
  },
  guide: {
    traps: [
      {
        en: 'The Forms API has no list of forms: the Drive API lists them, so both APIs must be enabled.',
        de: 'Die Forms API hat keine Liste der Formulare: Die Drive API listet sie auf, deshalb müssen beide APIs aktiviert sein.',
      },
      {
        en: 'A new form has only its title. Questions are added with batchUpdate.',
        de: 'Ein neues Formular hat nur seinen Titel. Fragen werden mit batchUpdate hinzugefügt.',
      },
      {
        en: 'Google sends notifications of new responses to Cloud Pub/Sub only, so Latchkey has no webhook for them: let responses be read on a schedule.',
        de: 'Benachrichtigungen über neue Antworten sendet Google nur an Cloud Pub/Sub, deshalb hat Latchkey dafür keinen Webhook: Lassen Sie Antworten nach einem Zeitplan lesen.',
      },
    ],
    scopes: {
      [READ]: { en: 'see all your Google Forms forms', de: 'alle Ihre Formulare in Google Formulare sehen' },
      [RESPONSES]: {
        en: 'see all responses to your Google Forms forms',
        de: 'alle Antworten auf Ihre Formulare in Google Formulare sehen',
      },
      [WRITE]: {
        en: 'see, create, change and delete all your Google Forms forms',
        de: 'alle Ihre Formulare in Google Formulare sehen, anlegen, ändern und löschen',
      },
      [DRIVE_METADATA]: {
        en: 'see the names, owners and dates of the files in your Google Drive',
        de: 'Namen, Besitzer und Daten der Dateien in Ihrem Google Drive sehen',
      },
    },
    rateLimit: {
      words: {
        en: '390 reads, 180 lists of responses and 150 writes a minute for each user, and 975, 450 and 375 for a project.',
        de: '390 Leseanfragen, 180 Listen von Antworten und 150 Schreibanfragen pro Minute je Person und 975, 450 und 375 je Projekt.',
      },
      url: 'https://developers.google.com/forms/api/limits',
    },
  },
})

import type { ActionExample, Answer, ProviderTrial } from './trial.ts'
import type { WebhookTrial } from './webhook-trial.ts'

export const microsoftTokens: Pick<ProviderTrial, 'exchange' | 'renewal' | 'refusals'> = {
  exchange: {
    answer: {
      body: {
        token_type: 'Bearer',
        scope: 'User.Read profile openid email',
        expires_in: 3736,
        ext_expires_in: 3736,
        access_token: 'EwBYA8l6BAAU',
        refresh_token: 'M.C546_BAY.0.U.first',
      },
    },
    accessToken: 'EwBYA8l6BAAU',
    refreshToken: 'M.C546_BAY.0.U.first',
    lifetimeSeconds: 3736,
    refreshLifetimeSeconds: 7776000,
    scopes: ['User.Read', 'profile', 'openid', 'email'],
  },
  renewal: {
    answer: {
      body: {
        token_type: 'Bearer',
        expires_in: 3600,
        access_token: 'EwBYA8l6BAAV',
        refresh_token: 'M.C546_BAY.0.U.second',
      },
    },
    accessToken: 'EwBYA8l6BAAV',
    refreshToken: 'M.C546_BAY.0.U.second',
    lifetimeSeconds: 3600,
    refreshLifetimeSeconds: 7776000,
  },
  refusals: [
    {
      what: 'renewal',
      answer: {
        status: 400,
        body: {
          error: 'invalid_grant',
          error_description:
            'AADSTS70008: The provided authorization code or refresh token has expired due to inactivity.',
          error_codes: [70008],
          timestamp: '2026-06-01 10:00:00Z',
          trace_id: '255d1aef-8c98-452f-ac51-23d051240864',
        },
      },
      reason: 'INVALID_GRANT',
      says: 'AADSTS70008',
    },
    {
      what: 'renewal',
      answer: {
        status: 401,
        body: {
          error: 'invalid_client',
          error_description: 'AADSTS7000222: The provided client secret keys are expired.',
          error_codes: [7000222],
        },
      },
      reason: 'INVALID_CLIENT',
      says: 'AADSTS7000222',
    },
  ],
}

export const microsoftHeaders = { authorization: 'Bearer EwBYA8l6BAAU' }

export const microsoftRefused = {
  answer: {
    status: 401,
    body: {
      error: { code: 'InvalidAuthenticationToken', message: 'Lifetime validation failed, the token is expired.' },
    },
  },
  says: 'Lifetime validation failed, the token is expired.',
}

export const microsoftLimited: Answer = {
  status: 429,
  headers: { 'retry-after': '10' },
  body: { error: { code: 'TooManyRequests', message: 'Please retry again later.' } },
}

/** learn.microsoft.com/graph/change-notifications-delivery-webhooks, learn.microsoft.com/graph/change-notifications-lifecycle-events */
export function microsoftWebhook(requests: WebhookTrial['requests']): WebhookTrial {
  return {
    // The secret is in the body.
    sign: () => ({}),
    signsBody: false,
    handshakes: [
      {
        query:
          'external_id=crm-1&validationToken=Validation%3a+Testing+client+application+reachability+for+subscription+Request-Id%3a+522a8e7e',
        answer: 'Validation: Testing client application reachability for subscription Request-Id: 522a8e7e',
      },
    ],
    connection: { externalId: 'crm-1' },
    requests,
  }
}

/** The actions of a calendar, which Outlook and Outlook Calendar have. */
export const calendarExamples: ActionExample[] = [
  {
    action: 'create_event',
    arguments: {
      subject: "Let's go for lunch",
      start: '2026-07-01T12:00:00',
      end: '2026-07-01T14:00:00',
      time_zone: 'Pacific Standard Time',
      body: 'Does noon work for you?',
      location: "Harry's Bar",
      attendees: ['samanthab@contoso.com'],
      is_online_meeting: true,
    },
    request: 'POST https://graph.microsoft.com/v1.0/me/events',
    body: {
      subject: "Let's go for lunch",
      start: { dateTime: '2026-07-01T12:00:00', timeZone: 'Pacific Standard Time' },
      end: { dateTime: '2026-07-01T14:00:00', timeZone: 'Pacific Standard Time' },
      body: { contentType: 'Text', content: 'Does noon work for you?' },
      location: { displayName: "Harry's Bar" },
      attendees: [{ emailAddress: { address: 'samanthab@contoso.com' } }],
      isOnlineMeeting: true,
    },
    answer: { status: 201, body: { id: 'AAMkAGI1AAAt9AHjAAA=', subject: "Let's go for lunch" } },
    output: { id: 'AAMkAGI1AAAt9AHjAAA=', subject: "Let's go for lunch" },
  },
  {
    action: 'list_events',
    arguments: { from: '2026-07-01T00:00:00Z', to: '2026-07-08T00:00:00Z', limit: 20, skip: 20 },
    request:
      'GET https://graph.microsoft.com/v1.0/me/calendarView?startDateTime=2026-07-01T00%3A00%3A00Z&endDateTime=2026-07-08T00%3A00%3A00Z&%24orderby=start%2FdateTime&%24select=id%2Csubject%2Cstart%2Cend%2Clocation%2Corganizer%2Cattendees%2CisAllDay%2CisCancelled%2CwebLink&%24top=20&%24skip=20',
    answer: { body: { value: [{ id: 'AAMkAGI1', subject: 'Stand-up' }] } },
    output: [{ id: 'AAMkAGI1', subject: 'Stand-up' }],
  },
]

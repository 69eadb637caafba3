import type { Answer, ProviderTrial, StreamTrial } from './trial.ts'
import type { WebhookTrial } from './webhook-trial.ts'

/** Google's token responses. The second one has no refresh token, so the first one is kept. */
export function googleTokens(scope: string): Pick<ProviderTrial, 'exchange' | 'renewal' | 'refusals' | 'revocation'> {
  return {
    exchange: {
      answer: {
        body: {
          access_token: 'ya29.first',
          expires_in: 3599,
          refresh_token: '1//04-refresh',
          // Access for a week.
          refresh_token_expires_in: 604799,
          scope,
          token_type: 'Bearer',
        },
      },
      accessToken: 'ya29.first',
      refreshToken: '1//04-refresh',
      lifetimeSeconds: 3599,
      refreshLifetimeSeconds: 604799,
      scopes: [scope],
    },
    renewal: {
      answer: {
        body: {
          access_token: 'ya29.second',
          expires_in: 3599,
          scope,
          token_type: 'Bearer',
        },
      },
      accessToken: 'ya29.second',
      refreshToken: 'old-refresh-t0ken',
      lifetimeSeconds: 3599,
      refreshLifetimeSeconds: 15552000,
    },
    refusals: [
      {
        what: 'renewal',
        answer: {
          status: 400,
          body: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' },
        },
        reason: 'INVALID_GRANT',
        says: 'Token has been expired or revoked.',
      },
      {
        what: 'code',
        answer: {
          status: 401,
          body: { error: 'invalid_client', error_description: 'The OAuth client was not found.' },
        },
        reason: 'INVALID_CLIENT',
      },
    ],
    revocation: [
      'POST oauth2.googleapis.com/revoke token=1//04-refresh',
      'POST oauth2.googleapis.com/revoke token=ya29.first',
    ],
  }
}

export const googleHeaders = { authorization: 'Bearer ya29.first' }

export const googleRefused = {
  answer: {
    status: 401,
    body: {
      error: {
        code: 401,
        message: 'Request had invalid authentication credentials.',
        errors: [{ message: 'Invalid Credentials', domain: 'global', reason: 'authError' }],
        status: 'UNAUTHENTICATED',
      },
    },
  },
  says: 'Request had invalid authentication credentials.',
}

export const googleLimited: Answer = {
  status: 403,
  body: {
    error: {
      code: 403,
      message: 'User Rate Limit Exceeded',
      errors: [{ domain: 'usageLimits', reason: 'userRateLimitExceeded', message: 'User Rate Limit Exceeded' }],
    },
  },
}

/** Each channel has the secret as its token. */
export function googleWebhook(requests: WebhookTrial['requests']): WebhookTrial {
  return {
    sign: ({ secret }) => ({ 'X-Goog-Channel-Token': secret }),
    signsBody: false,
    connection: { externalId: 'crm-1' },
    requests,
  }
}

/** The files of one kind in Google Drive. @param kind such as `document` */
export function googleFilesTrial(name: string, kind: string, id: string): StreamTrial {
  return {
    name,
    pages: [
      {
        body: {
          nextPageToken: '~!!~AI9FV7T',
          files: [{ id, name: 'Minutes', trashed: false, modifiedTime: '2026-06-01T10:00:00.000Z' }],
        },
      },
      {
        body: {
          files: [
            { id: '1aB', name: 'Plan', trashed: false, modifiedTime: '2026-06-02T10:00:00.000Z' },
            { id: '1aC', name: 'Old', trashed: true, modifiedTime: '2026-06-02T11:00:00.000Z' },
          ],
        },
      },
    ],
    keys: [id, '1aB'],
    asksFor: 'pageToken=~!!~AI9FV7T',
    since: {
      cursor: '2026-06-02T10:00:00.000Z',
      value: `mimeType = 'application/vnd.google-apps.${kind}' and modifiedTime >= '2026-06-02T10:00:00'`,
    },
    limited: googleLimited,
  }
}

import type { ProviderTrial } from './trial.ts'

/** Atlassian's token responses, and the site that the person chose. @param scope with spaces between the scopes */
export function atlassianTokens(
  scope: string,
): Pick<ProviderTrial, 'exchange' | 'renewal' | 'refusals' | 'afterConnect'> {
  const token = (which: string) => ({
    access_token: `eyJraWQ.${which}`,
    refresh_token: `eyJraWQ.refresh-${which}`,
    ...{ expires_in: 3600, token_type: 'Bearer', scope },
  })
  const lifetimes = { lifetimeSeconds: 3600, refreshLifetimeSeconds: 7776000 }
  const site = { url: 'https://your-domain.atlassian.net', name: 'Site name' }
  return {
    exchange: {
      answer: { body: token('first') },
      accessToken: 'eyJraWQ.first',
      refreshToken: 'eyJraWQ.refresh-first',
      ...lifetimes,
      scopes: scope.split(' '),
    },
    renewal: {
      answer: { body: token('second') },
      accessToken: 'eyJraWQ.second',
      refreshToken: 'eyJraWQ.refresh-second',
      ...lifetimes,
    },
    refusals: [
      {
        what: 'renewal',
        // 403 in place of the 400 of RFC 6749.
        answer: {
          status: 403,
          body: { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' },
        },
        reason: 'INVALID_GRANT',
        says: 'Unknown or invalid refresh token.',
      },
    ],
    afterConnect: {
      answers: [{ body: [{ id: ATLASSIAN_SITE, ...site, scopes: [scope.split(' ')[0]] }] }],
      kept: { cloud_id: ATLASSIAN_SITE, site_url: site.url, site_name: site.name },
    },
  }
}

export const ATLASSIAN_SITE = '1324a887-45db-1bf4-1e99-ef0ff456d421'

export const atlassianHeaders = { authorization: 'Bearer eyJraWQ.first' }

export const atlassianRefused = {
  answer: { status: 401, body: { code: 401, message: 'Unauthorized; scope does not match' } },
  says: 'Unauthorized; scope does not match',
}

export const atlassianLimited = {
  ...{ status: 429, headers: { 'retry-after': '5' } },
  body: { code: 429, message: 'Rate limit exceeded' },
}

import { describe, expect, it } from 'vitest'
import { loadProviderFiles } from '../../scripts/provider-files.ts'
import { findGuide } from '../../src/catalog/catalog.ts'
import { matchHint } from '../../src/catalog/match-hint.ts'
import { createProviderResponse } from '../../src/wire/provider-response.ts'
import { readFailure } from '../../src/wire/verdict.ts'

const PROVIDERS = await loadProviderFiles()

/** Responses of APIs as the providers send them, and a part of the cause that their guide gives. */
const RESPONSES: [slug: string, status: number, body: unknown, cause: string][] = [
  ['calendly', 403, { title: 'Permission Denied', message: 'Please upgrade to a paid Calendly account.' }, 'The plan'],
  ['discord', 403, { message: 'Missing required OAuth2 scope', code: 50026 }, 'lacks a scope'],
  [
    'dropbox',
    401,
    {
      error_summary: 'missing_scope/..',
      error: { '.tag': 'missing_scope', required_scope: 'files.content.write' },
    },
    'lacks a scope',
  ],
  [
    'dropbox',
    400,
    'Error in call to API function "files/list_folder": Your app (ID: 1) is not permitted to access this endpoint because it does not have the required scope \'files.metadata.read\'.',
    'lacks a scope',
  ],
  [
    'figma',
    403,
    { status: 403, err: 'Invalid scope(s): current_user:read. This endpoint requires the file_comments:read scope' },
    'lacks a scope',
  ],
  [
    'google-calendar',
    403,
    {
      error: {
        code: 403,
        message:
          'Google Calendar API has not been used in project 123 before or it is disabled. Enable it and then retry.',
        errors: [{ reason: 'accessNotConfigured', domain: 'usageLimits' }],
        status: 'PERMISSION_DENIED',
      },
    },
    'is not enabled',
  ],
  [
    'google-calendar',
    403,
    { error: { code: 403, message: 'Request had insufficient authentication scopes.', status: 'PERMISSION_DENIED' } },
    'without a scope',
  ],
  [
    'mailchimp',
    401,
    {
      title: 'API Key Invalid',
      status: 401,
      detail: "Your API key may be invalid, or you've attempted to access the wrong datacenter.",
    },
    'was revoked',
  ],
  ['metabase', 403, "You don't have permissions to do that.", 'may not read this'],
  ['onedrive', 404, { error: { code: 'ResourceNotFound', message: "User's mysite not found." } }, 'has no OneDrive'],
  [
    'quickbooks',
    403,
    {
      fault: {
        error: [{ message: 'message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403', code: '3100' }],
      },
    },
    'does not give access to this company',
  ],
  [
    'sendgrid',
    403,
    { errors: [{ message: "The requestor's IP Address is not whitelisted", field: null, help: null }] },
    'certain IP addresses',
  ],
  [
    'smartsheet',
    403,
    { errorCode: 1004, message: 'You are not authorized to perform this action.' },
    'lacks the right',
  ],
  [
    'square',
    403,
    {
      errors: [
        {
          category: 'AUTHENTICATION_ERROR',
          code: 'INSUFFICIENT_SCOPES',
          detail: 'The merchant has not given your application sufficient permissions to do that.',
        },
      ],
    },
    'did not grant a permission',
  ],
  ['xero', 403, { Title: 'Forbidden', Status: 403, Detail: 'AuthenticationUnsuccessful' }, 'was revoked'],
  [
    'zendesk',
    403,
    { error: 'Forbidden', description: 'You are missing the following required scopes: write' },
    'without a scope',
  ],
  ['zendesk', 401, { error: "Couldn't authenticate you" }, 'The email address or the API token'],
]

describe('The response of a provider', () => {
  it.each(RESPONSES)('of %s with status %i and %j leads to the hint of its guide', (slug, status, body, cause) => {
    const definition = PROVIDERS.find((provider) => provider.slug === slug)?.definition
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const failure = readFailure(createProviderResponse(status, new Headers(), text), definition?.responseErrors, [])
    const reported = { at: 'request', message: failure?.providerMessage, status: failure?.providerStatus } as const
    expect(matchHint(findGuide(slug), reported)?.cause.en).toContain(cause)
  })
})

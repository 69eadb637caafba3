import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'get_file',
    arguments: { file_key: 'sFHgQh9dL6369o5wrZHmdR' },
    request: 'GET https://api.figma.com/v1/files/sFHgQh9dL6369o5wrZHmdR/meta',
    answer: { body: { file: { name: 'Design system', editorType: 'figma' } } },
    output: { file: { name: 'Design system', editorType: 'figma' } },
  },
  {
    action: 'list_comments',
    arguments: { file_key: 'sFHgQh9dL6369o5wrZHmdR', as_markdown: true },
    request: 'GET https://api.figma.com/v1/files/sFHgQh9dL6369o5wrZHmdR/comments?as_md=true',
    answer: { body: { comments: [{ id: '1', message: 'Nice' }] } },
    output: [{ id: '1', message: 'Nice' }],
  },
  {
    action: 'create_comment',
    arguments: { file_key: 'sFHgQh9dL6369o5wrZHmdR', message: 'Thanks', reply_to: '1' },
    request: 'POST https://api.figma.com/v1/files/sFHgQh9dL6369o5wrZHmdR/comments',
    body: { message: 'Thanks', comment_id: '1' },
    answer: { body: { id: '2', message: 'Thanks', parent_id: '1' } },
    output: { id: '2', message: 'Thanks', parent_id: '1' },
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: 'figu_first',
        token_type: 'bearer',
        expires_in: 7776000,
        refresh_token: 'figur_first',
        user_id_string: '1076193371986291298',
      },
    },
    accessToken: 'figu_first',
    refreshToken: 'figur_first',
    lifetimeSeconds: 7776000,
    kept: { user_id: '1076193371986291298' },
  },
  // The refresh endpoint returns no new refresh token.
  renewal: {
    answer: { body: { access_token: 'figu_second', token_type: 'bearer', expires_in: 7776000 } },
    accessToken: 'figu_second',
    refreshToken: 'old-refresh-t0ken',
    lifetimeSeconds: 7776000,
  },
  refusals: [
    {
      what: 'code',
      answer: { status: 400, body: { error: 'invalid_grant', message: 'Invalid authorization code' } },
      reason: 'INVALID_GRANT',
      says: 'Invalid authorization code',
    },
  ],
  test: {
    asks: 'GET api.figma.com/v1/me',
    headers: { authorization: 'Bearer figu_first' },
    good: { body: { id: '1076193371986291298', email: 'ada@example.com', handle: 'Ada' } },
    refused: { answer: { status: 403, body: { status: 403, err: 'Invalid token' } }, says: 'Invalid token' },
  },
  actions,
}

import type { ActionExample } from './example.ts'

export const examples: ActionExample[] = [
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

import type { ActionDefinition } from '../definition/action.ts'
import { flag, input, text } from './input.ts'

const reference = 'https://developers.figma.com/docs/rest-api'
const file = {
  file_key: text('Key of the file: what follows /file/ or /design/ in its URL.', { pattern: '^[A-Za-z0-9]+$' }),
}

export const figmaActions: ActionDefinition[] = [
  {
    name: 'get_file',
    title: 'Get a file',
    description: 'Returns name, last change, editor type and link of a file, but not its nodes.',
    docsUrl: `${reference}/file-endpoints/#get-file-metadata-endpoint`,
    scopes: ['file_metadata:read'],
    readOnly: true,
    input: input(file),
    request: { method: 'GET', path: '/files/{{ args.file_key }}/meta' },
  },
  {
    name: 'list_comments',
    title: 'List comments',
    description: 'Lists the comments of a file with author, text, time and, for replies, parent_id.',
    docsUrl: `${reference}/comments-endpoints/#get-comments-endpoint`,
    scopes: ['file_comments:read'],
    readOnly: true,
    input: input(file, { as_markdown: flag('Whether the texts are Markdown. Default: false.') }),
    request: {
      method: 'GET',
      path: '/files/{{ args.file_key }}/comments',
      query: { as_md: '{{ args.as_markdown }}' },
    },
    output: ['comments'],
  },
  {
    name: 'create_comment',
    title: 'Comment on a file',
    description: 'Adds a comment to a file, or a reply to a comment that is not a reply itself. Returns the comment.',
    docsUrl: `${reference}/comments-endpoints/#post-comments-endpoint`,
    scopes: ['file_comments:write'],
    input: input(
      { ...file, message: text('Text of the comment.') },
      { reply_to: text('Id of the comment to reply to.', { pattern: '^[0-9]+$' }) },
    ),
    request: {
      method: 'POST',
      path: '/files/{{ args.file_key }}/comments',
      json: { message: '{{ args.message }}', comment_id: '{{ args.reply_to }}' },
    },
  },
]

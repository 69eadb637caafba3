import {
  microsoftHeaders,
  microsoftLimited,
  microsoftRefused,
  microsoftTokens,
} from '../providers/microsoft-answers.ts'
import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const drive = 'https://graph.microsoft.com/v1.0/me/drive'

export const searchFiles: ActionExample = {
  action: 'search_files',
  arguments: { query: 'Contoso Project', limit: 5 },
  request: `GET ${drive}/root/search(q='Contoso%20Project')?%24select=id%2Cname%2Csize%2Cfile%2CparentReference%2CwebUrl%2CcreatedDateTime%2ClastModifiedDateTime&%24top=5`,
  answer: { body: { value: [{ id: '0123456789abc!123', name: 'Contoso Project' }] } },
  output: { value: [{ id: '0123456789abc!123', name: 'Contoso Project' }] },
}

/** A list of the drive with files of several programs, of which one of each page is kept. */
export function documentStream(name: string, extension: string): StreamTrial {
  return {
    name,
    pages: [
      {
        body: {
          '@odata.nextLink': `${drive}/root/delta(token=1230919asd190410jlka)`,
          value: [
            { id: '0123456789abc', name: 'folder2', folder: {} },
            { id: '123010204abac', name: `File.${extension.toUpperCase()}`, file: {} },
            { id: '123010204abad', name: 'file.txt', file: {} },
          ],
        },
      },
      {
        body: {
          '@odata.deltaLink': `${drive}/root/delta?(token='MzslMjM0OyUyMzE7MzsyM2YwNDVhMS1')`,
          value: [{ id: '2353010204ddgg', name: `file5.${extension}`, file: {} }],
        },
      },
    ],
    keys: ['123010204abac', '2353010204ddgg'],
    asksFor: 'delta(token=1230919asd190410jlka)',
    limited: microsoftLimited,
  }
}

export const documentTest: ProviderTrial['test'] = {
  asks: 'GET graph.microsoft.com/v1.0/me/drive',
  headers: microsoftHeaders,
  good: { body: { id: 'b!t18F8', driveType: 'business' } },
  refused: microsoftRefused,
}

/** The trial of Word and PowerPoint. */
export function documentTrial(files: string, extension: string): ProviderTrial {
  return {
    ...microsoftTokens,
    test: documentTest,
    streams: [
      documentStream(files, extension),
      {
        name: 'versions',
        parent: { id: '123010204abac' },
        pages: [
          {
            body: {
              value: [
                { id: '3.0', lastModifiedDateTime: '2017-09-14T12:34:53.912Z', size: 123 },
                { id: '2.0', lastModifiedDateTime: '2017-09-11T10:21:03.000Z', size: 62 },
              ],
            },
          },
        ],
        keys: ['parent/3.0', 'parent/2.0'],
        asksFor: '/me/drive/items/123010204abac/versions',
      },
    ],
    actions: [
      searchFiles,
      {
        action: 'create_link',
        arguments: { item_id: '123ABC', type: 'edit', scope: 'organization' },
        request: `POST ${drive}/items/123ABC/createLink`,
        body: { type: 'edit', scope: 'organization' },
        answer: {
          status: 201,
          body: { id: '123ABC', roles: ['write'], link: { type: 'edit', scope: 'organization' } },
        },
        output: { id: '123ABC', roles: ['write'], link: { type: 'edit', scope: 'organization' } },
      },
    ],
  }
}

export const trial = documentTrial('documents', 'docx')

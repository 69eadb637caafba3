import { choice, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'
import { driveHint, filesRateLimit, graphPages, graphScope, graphSources, microsoftProduct } from './microsoft.ts'

const READ = graphScope('Files.Read')
const WRITE = graphScope('Files.ReadWrite')

export const documentId = text('Id of the file. search_files returns it.', { pattern: '^[A-Za-z0-9!_.-]+$' })

/** The words of the scopes that files of Office need. */
export const documentScopes = {
  [READ]: { en: 'read your files', de: 'Ihre Dateien lesen' },
  [WRITE]: { en: 'read, create, change and delete your files', de: 'Ihre Dateien lesen, anlegen, ändern und löschen' },
}

/**
 * The files of one program in the account's OneDrive. Without a token, the delta function lists the whole drive: Graph has no list of files
 * of one type. A time in place of the token works in business accounts only, so each reading is complete.
 *
 * @param extensions as an alternative of a regular expression: `docx|docm`
 */
export function documentStream(name: string, extensions: string): StreamDefinition {
  return {
    name,
    path: '/me/drive/root/delta',
    records: {
      path: ['value'],
      where: `record.file is defined and (record.name | lower | regex_search('[.](?:${extensions})$')) != ''`,
    },
    primaryKey: [['id']],
    pagination: graphPages,
  }
}

export const searchFiles: ActionDefinition = {
  name: 'search_files',
  title: 'Search for files',
  description:
    'Searches names and content of the files in the account’s OneDrive. Other kinds of files are found too. Returns value; @odata.nextLink is absent on the last page.',
  docsUrl: 'https://learn.microsoft.com/graph/api/driveitem-search',
  scopes: [READ],
  readOnly: true,
  input: input(
    { query: text('Words to search for.', { pattern: "^[^'/\\\\]+$", maxLength: 200 }) },
    { limit: limit(200, 25) },
  ),
  request: {
    method: 'GET',
    path: "/me/drive/root/search(q='{{ args.query }}')",
    query: {
      $select: 'id,name,size,file,parentReference,webUrl,createdDateTime,lastModifiedDateTime',
      $top: '{{ args.limit | default(25) }}',
    },
  },
}

const createLink: ActionDefinition = {
  name: 'create_link',
  title: 'Create a sharing link',
  description:
    'Creates a link by which others can open the file, or returns the one that is there. Returns link.webUrl.',
  docsUrl: 'https://learn.microsoft.com/graph/api/driveitem-createlink',
  scopes: [WRITE],
  input: input(
    { item_id: documentId, type: choice('What the link allows.', ['view', 'edit']) },
    {
      scope: choice('Who can use the link. Default: what the organization has set.', [
        'anonymous',
        'organization',
        'users',
      ]),
    },
  ),
  request: {
    method: 'POST',
    path: '/me/drive/items/{{ args.item_id }}/createLink',
    json: { type: '{{ args.type }}', scope: '{{ args.scope }}' },
  },
}

interface DocumentProduct extends Pick<ProviderFile, 'aliases' | 'color'> {
  displayName: string
  /** Name of the stream. */
  files: string
  extensions: string
}

/** The file of a program whose documents are read through the drive: Word and PowerPoint. */
export function documentProduct({ displayName, files, extensions, ...facts }: DocumentProduct): ProviderFile {
  return microsoftProduct({
    ...facts,
    sources: [
      ...graphSources(
        'api/driveitem-delta',
        'api/driveitem-list-versions',
        'api/driveitem-search',
        'api/driveitem-createlink',
      ),
      {
        url: 'https://github.com/airweave-ai/airweave',
        read: '2026-11-29',
        second: true,
        differs:
          'It requests Files.Read.All, which includes files that others share. The streams read the drive of the account itself, for which the documentation names Files.Read.',
      },
    ],
    requested: [READ],
    definition: {
      displayName,
      docsUrl: 'https://learn.microsoft.com/graph/api/resources/driveitem',
      categories: ['documents'],
      testRequest: { path: '/me/drive' },
      streams: [
        documentStream(files, extensions),
        {
          name: 'versions',
          parent: { stream: files },
          path: '/me/drive/items/{{ parent.id }}/versions',
          recordsPath: ['value'],
          primaryKey: [['id']],
          pagination: graphPages,
        },
      ],
      actions: [searchFiles, createLink],
    },
    guide: {
      scopes: documentScopes,
      rateLimit: filesRateLimit,
      traps: [
        {
          en: 'The streams have the metadata of documents. Their content is in files, which have to be downloaded.',
          de: 'Die Streams enthalten die Metadaten der Dokumente. Ihr Inhalt steht in Dateien, die heruntergeladen werden müssen.',
        },
        {
          en: 'The stream reads the list of the whole drive and keeps the files of this program. In a large drive this takes many requests.',
          de: 'Der Stream liest die Liste des ganzen Laufwerks und behält die Dateien dieses Programms. In einem großen Laufwerk braucht das viele Anfragen.',
        },
      ],
      hints: [driveHint],
    },
  })
}

import { auditNothing } from '../../access/audit.ts'
import { administers } from '../../access/caller.ts'
import { type DocumentReport, type ImportFormat, MAX_DOCUMENT_BYTES } from '../../catalog/import/import-document.ts'
import type { ImportedPart, ImportResult, NamedPart } from '../../catalog/import/report.ts'
import { ForbiddenError } from '../../kit/errors.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { mutation, payloadType } from '../kernel/mutation.ts'

const ImportFormatRef = builder.enumType('ImportFormat', {
  description: 'A format that definitions can be made of.',
  values: {
    AIRBYTE: { value: 'airbyte', description: 'The manifest of a low-code Airbyte connector.' },
    NANGO: { value: 'nango', description: 'A `providers.yaml` of Nango.' },
    OPENAPI: { value: 'openapi', description: 'An OpenAPI document of version 3.0 or 3.1.' },
  } as const satisfies Record<string, { value: ImportFormat; description: string }>,
})

const ImportResultRef = builder.enumType('ImportResult', {
  description: 'What became of a part of an imported document.',
  values: {
    IMPORTED: { value: 'imported', description: 'The definition has it. Notes say what to know about it.' },
    PARTLY: { value: 'partly', description: 'The definition has it, and the notes say what differs or is a guess.' },
    REFUSED: { value: 'refused', description: 'The definition does not have it, and the notes say why.' },
  } as const satisfies Record<string, { value: ImportResult; description: string }>,
})

const RESULT = 'What became of it.'
const NOTES = 'What to know about it, for people, in English.'

const ImportedAuthRef = builder.objectRef<ImportedPart>('ImportedAuth').implement({
  description: 'What became of the authentication of an imported document.',
  fields: (t) => ({
    result: t.expose('result', { type: ImportResultRef, description: `${RESULT} REFUSED: there is no definition.` }),
    notes: t.exposeStringList('notes', { description: NOTES }),
  }),
})

const ImportedPartRef = builder.objectRef<NamedPart>('ImportedPart').implement({
  description: 'What became of a stream or an action of an imported document.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name in the definition; if it is refused, in the document.' }),
    result: t.expose('result', { type: ImportResultRef, description: RESULT }),
    notes: t.exposeStringList('notes', { description: NOTES }),
  }),
})

const ImportDefinitionInput = builder.inputType('ImportDefinitionInput', {
  description: 'A document in another format.',
  fields: (t) => ({
    format: t.field({ type: ImportFormatRef, description: 'The format of the document.' }),
    document: t.string({
      description: `The document itself, in JSON or YAML, at most ${MAX_DOCUMENT_BYTES / 1024} KiB in UTF-8.`,
    }),
    provider: t.string({
      required: false,
      description:
        'Slug of the provider to import, for NANGO only. Default: the only one; of several none, and the payload has their slugs.',
    }),
  }),
})

mutation('importDefinition', {
  scope: 'ADMIN',
  wholeWorkspace: true,
  description:
    'Makes a definition of a document in another format, and says what became of each part. It stores nothing and sends no request: pass the definition to `createIntegration`. A document that cannot be read is INVALID_INPUT with `line` and `column` in `details`; one that is something else, too large or too complex is INVALID_INPUT too.',
  input: ImportDefinitionInput,
  names: () => null,
  payload: payloadType<DocumentReport>('ImportDefinitionPayload', (t) => ({
    definition: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'The definition, as `createIntegration` accepts it. Null: none can be made, or a provider has to be chosen.',
      resolve: ({ report }) => report?.definition ?? null,
    }),
    auth: t.field({
      type: ImportedAuthRef,
      nullable: true,
      description: 'What became of the authentication. Null: a provider has to be chosen.',
      resolve: ({ report }) => report?.auth ?? null,
    }),
    streams: t.field({
      type: [ImportedPartRef],
      description: 'What became of each stream.',
      resolve: ({ report }) => report?.streams ?? [],
    }),
    actions: t.field({
      type: [ImportedPartRef],
      description: 'What became of each action.',
      resolve: ({ report }) => report?.actions ?? [],
    }),
    providers: t.stringList({
      description: 'Slugs of the providers of a Nango file, to choose one by `provider`. Empty for other formats.',
      resolve: ({ providers }) => [...providers],
    }),
  })),
  async resolve({ format, document, provider }, context) {
    const { services, budget } = context
    const caller = callerOf(context)
    if (!administers(caller)) {
      throw new ForbiddenError('This caller has read access only. Use an API key with the role ADMIN.')
    }
    // It only reads, so that a document that is not valid leaves no line.
    auditNothing()
    const source = { format, document, provider: provider ?? null }
    return services.documentImporter.run(caller.workspaceId ?? 'operator', source, budget)
  },
})

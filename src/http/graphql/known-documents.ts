import { type DocumentNode, Kind } from 'graphql'
import { createLRUCache, type Plugin } from 'graphql-yoga'

/** Valid documents that were executed before, by their text. Subscriptions are left out. */
export interface KnownDocuments {
  get(text: string): DocumentNode | undefined
  plugin: Plugin
}

export function createKnownDocuments(max: number): KnownDocuments {
  const known = createLRUCache<DocumentNode>({ max })
  const hasSubscription = ({ definitions }: DocumentNode) =>
    definitions.some((each) => each.kind === Kind.OPERATION_DEFINITION && each.operation === 'subscription')
  return {
    get: (text) => known.get(text),
    plugin: {
      onExecute({ args: { document } }) {
        const text = document.loc?.source.body
        if (text === undefined || known.get(text) === document || hasSubscription(document)) return
        known.set(text, document)
      },
    },
  }
}

import { type DocumentNode, Kind } from 'graphql'
import { createLRUCache, type Plugin } from 'graphql-yoga'

/** Documents that were parsed, found valid and run before, by their text. Subscriptions are not among them. */
export interface KnownDocuments {
  get(text: string): DocumentNode | undefined
  plugin: Plugin
}

export function createKnownDocuments(max: number): KnownDocuments {
  const known = createLRUCache<DocumentNode>({ max })
  const isOfSubscriptions = ({ definitions }: DocumentNode) =>
    definitions.some((each) => each.kind === Kind.OPERATION_DEFINITION && each.operation === 'subscription')
  return {
    get: (text) => known.get(text),
    plugin: {
      onExecute({ args: { document } }) {
        const text = document.loc?.source.body
        if (text === undefined || known.get(text) === document || isOfSubscriptions(document)) return
        known.set(text, document)
      },
    },
  }
}

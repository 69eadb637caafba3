import { type DocumentNode, Kind } from 'graphql'
import { BoundedMap } from '../../kit/bounded-map.ts'

/** Valid documents that were executed before, by their text. Subscriptions are left out. */
export interface KnownDocuments {
  get(text: string): DocumentNode | undefined
  /** @param document was executed */
  add(document: DocumentNode): void
}

export function createKnownDocuments(max: number): KnownDocuments {
  const known = new BoundedMap<string, DocumentNode>({ max })
  const hasSubscription = ({ definitions }: DocumentNode) =>
    definitions.some((each) => each.kind === Kind.OPERATION_DEFINITION && each.operation === 'subscription')
  return {
    get: (text) => known.get(text),
    add(document) {
      const text = document.loc?.source.body
      if (text === undefined || known.get(text) === document || hasSubscription(document)) return
      known.set(text, document)
    },
  }
}

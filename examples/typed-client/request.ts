import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'

export type Send = <Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
) => Promise<Data>

interface GraphQLResponse<Data> {
  data?: Data | null
  errors?: { message: string }[]
}

/**
 * A function that sends a document of codegen. The compiler checks its variables and knows the type of its result.
 * @param url of the GraphQL endpoint
 * @param key API key or operator key
 */
export function createSend(url: string, key: string): Send {
  return async <Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ query: print(document), variables }),
    })
    const { data, errors = [] }: GraphQLResponse<Data> = await response.json()
    if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'))
    if (data == null) throw new Error(`The response of Latchkey has status ${response.status} and no data.`)
    return data
  }
}

/**
 * Narrows the result of a mutation to its payload.
 * @throws Error with the message of an expected error, which mutations return as data
 */
export function assertType<Result extends { __typename: string }, Name extends Result['__typename']>(
  result: Result,
  name: Name,
): asserts result is Extract<Result, { __typename: Name }> {
  if (result.__typename === name) return
  throw new Error('message' in result ? `${result.__typename}: ${result.message}` : result.__typename)
}

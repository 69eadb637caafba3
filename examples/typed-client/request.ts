import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'

export type Send = <Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
) => Promise<Data>

interface Answer<Data> {
  data?: Data | null
  errors?: { message: string }[]
}

/** Sends the documents of codegen: their variables are checked by the compiler, their results are typed. */
export function createSend(url: string, key: string): Send {
  return async <Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ query: print(document), variables }),
    })
    const { data, errors = [] }: Answer<Data> = await response.json()
    if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'))
    if (data == null) throw new Error(`Latchkey answered with status ${response.status} and no data.`)
    return data
  }
}

/** Narrows the result of a mutation to its payload. Expected failures are data: each has a message for a person. */
export function assertType<Result extends { __typename: string }, Name extends Result['__typename']>(
  result: Result,
  name: Name,
): asserts result is Extract<Result, { __typename: Name }> {
  if (result.__typename === name) return
  throw new Error('message' in result ? `${result.__typename}: ${result.message}` : result.__typename)
}

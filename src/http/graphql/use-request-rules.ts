import { GraphQLError } from 'graphql'
import { createGraphQLError, type Plugin } from 'graphql-yoga'

/** Headers that a page of another origin can send only after the browser has asked whether it may. */
const PREFLIGHTED_HEADERS = ['authorization', 'x-latchkey-csrf', 'apollo-require-preflight', 'x-graphql-yoga-csrf']

/**
 * Which requests are looked at. Callers are known by a header and never by a cookie, so a page that sends a request in its
 * visitor's name has nobody's rights; requests that a browser sends without asking first are refused all the same. A POST
 * is JSON; a GET, which has no body to tell it by, has one of the headers.
 */
export function useRequestRules(): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser }) {
      const named = PREFLIGHTED_HEADERS.some((name) => request.headers.has(name))
      if (request.method === 'GET' && !named) {
        throw refused(403, 'A GET must have a header that browsers ask about first, such as x-latchkey-csrf: 1.')
      }
      if (request.method === 'POST' && !isJson(request.headers.get('content-type'))) {
        if (request.headers.get('content-length') === '0') throw refused(400, 'The body is missing.')
        throw refused(415, 'A POST must be application/json.')
      }
      if (requestParser !== undefined) setRequestParser(async (given) => readable(() => requestParser(given)))
    },
  }
}

/** The types that Yoga reads as JSON. */
function isJson(contentType: string | null): boolean {
  const essence = contentType?.split(';')[0]?.trim()
  return essence === 'application/json' || essence === 'application/graphql+json'
}

/** What cannot be read is the caller's mistake, told without the parser's words: Yoga passes those on, or throws them. */
async function readable<T>(read: () => Promise<T> | T): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof URIError) throw refused(400, 'The query string is not valid.')
    if (error instanceof GraphQLError && 'originalError' in error.extensions) {
      throw refused(400, 'The body is not valid JSON.')
    }
    throw error
  }
}

function refused(status: number, message: string) {
  return createGraphQLError(message, { extensions: { code: 'INVALID_INPUT', http: { status } } })
}

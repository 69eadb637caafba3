import type { Plugin } from 'graphql-yoga'

export const FOR_ALL = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'x-request-id, retry-after',
}
const FOR_PREFLIGHTS = {
  'access-control-allow-methods': 'GET, POST',
  // The asterisk stands for all but this one (Fetch, section 4.9).
  'access-control-allow-headers': 'authorization, *',
  'access-control-max-age': '86400',
}

/**
 * Callers are known by a header of their own, never by a cookie: any page may call, none can borrow a caller. Yoga's own
 * answer for all origins names each by turn, which is what servers do that take cookies from everywhere.
 */
export function useCrossOrigin(): Plugin {
  return {
    onRequest({ request, fetchAPI, endResponse }) {
      if (request.method !== 'OPTIONS') return
      endResponse(new fetchAPI.Response(null, { status: 204, headers: { 'content-length': '0', ...FOR_PREFLIGHTS } }))
    },
    onResponse({ response }) {
      for (const [name, value] of Object.entries(FOR_ALL)) response?.headers.set(name, value)
    },
  }
}

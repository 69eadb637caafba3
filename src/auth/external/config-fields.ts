import { z } from 'zod'

/** `https://host`, without a path. http is for development: the rules for outgoing requests refuse it elsewhere. */
export const originSchema = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .max(2_048)
  .refine(
    (url) => isPlain(url) && new URL(url).pathname === '/' && new URL(url).search === '',
    'must have no path and no query',
  )
  .transform((url) => new URL(url).origin)

export const urlSchema = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .max(2_048)
  .refine(isPlain, 'must hold no user name, password or fragment')

export const wordSchema = z.string().regex(/^[A-Za-z0-9_.-]{1,200}$/, 'must be 1 to 200 of A-Z, a-z, 0-9, _, . and -')

function isPlain(url: string): boolean {
  const { username, password, hash } = new URL(url)
  return username === '' && password === '' && hash === ''
}

import type { Texts } from './texts.ts'

const MAX_SHOWN = 12

/** Scopes in words, as far as their names hold any: what is asked for can be read without knowing the provider's manual. */
export function scopeWords(scopes: readonly string[], texts: Texts): string[] {
  const words = scopes.map((scope) =>
    Object.hasOwn(texts.scopeWords, scope) ? texts.scopeWords[scope] : inWords(scope),
  )
  const distinct = [...new Set(words.filter((word) => word !== undefined && word !== ''))] as string[]
  return distinct.length > MAX_SHOWN ? [...distinct.slice(0, MAX_SHOWN), `+ ${distinct.length - MAX_SHOWN}`] : distinct
}

/** `https://www.example.com/auth/drive.readonly` → `drive readonly`; `repo:read_all` → `repo read all`. */
function inWords(scope: string): string {
  const last = /^https?:\/\//.test(scope) ? (scope.replace(/\/+$/, '').split('/').at(-1) ?? scope) : scope
  return last.replace(/[._:/-]+/g, ' ').trim()
}

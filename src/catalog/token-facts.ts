import { type Auth, waysOf } from './definition/auth.ts'
import type { Words } from './guide.ts'

/** What a definition says about tokens: how long they live, whether refresh tokens rotate, and whether they are revoked. */
export function tokenFactsOf(auth: Auth): Words[] {
  const facts = waysOf(auth).flatMap((way): (Words | undefined)[] => {
    if (way.type === 'session_token') return [SESSION]
    if (way.type !== 'oauth2') return []
    const { rotation, graceSeconds, tokenLifetime, refreshTokenLifetime, tokenResponse, revocation } = way
    return [
      tokenLifetime === undefined ? undefined : withDuration(ACCESS, tokenLifetime),
      rotation === undefined ? undefined : ROTATIONS[rotation],
      graceSeconds === undefined ? undefined : withDuration(GRACE, `PT${graceSeconds}S`),
      refreshTokenLifetime === undefined
        ? undefined
        : withDuration(rotation === 'none' ? IDLE : REFRESH, refreshTokenLifetime),
      tokenResponse?.refreshTokenExpiry === undefined ? undefined : EXPIRY,
      revocation === undefined ? undefined : REVOKED,
    ]
  })
  const said = new Set<string>()
  return facts.filter((fact) => fact !== undefined).filter(({ en }) => !said.has(en) && said.add(en))
}

const SESSION: Words = {
  en: 'The session is renewed by logging in again.',
  de: 'Die Sitzung wird durch eine neue Anmeldung erneuert.',
}
const ACCESS: Words = { en: 'An access token lives for {}.', de: 'Ein Access-Token gilt {}.' }
const GRACE: Words = { en: 'The old one stays valid for {}.', de: 'Das alte gilt noch {}.' }
const REFRESH: Words = { en: 'A refresh token expires after {}.', de: 'Ein Refresh-Token gilt {}.' }
const IDLE: Words = {
  en: 'A refresh token that is not used expires after {}.',
  de: 'Ein unbenutztes Refresh-Token gilt {}.',
}
const EXPIRY: Words = {
  en: 'Where a refresh token expires, the token response says when.',
  de: 'Läuft ein Refresh-Token ab, sagt die Token-Antwort wann.',
}
const REVOKED: Words = {
  en: 'Tokens are revoked when a connection is deleted.',
  de: 'Tokens werden widerrufen, wenn eine Verbindung gelöscht wird.',
}
const ROTATIONS: Readonly<Record<'none' | 'rotating' | 'strict', Words>> = {
  none: {
    en: 'A renewal returns no new refresh token: the first one stays valid.',
    de: 'Eine Erneuerung gibt kein neues Refresh-Token zurück: Das erste bleibt gültig.',
  },
  rotating: {
    en: 'Each renewal returns a new refresh token.',
    de: 'Jede Erneuerung gibt ein neues Refresh-Token zurück.',
  },
  strict: {
    en: 'Each renewal returns a new refresh token, and the old one is invalid at once.',
    de: 'Jede Erneuerung gibt ein neues Refresh-Token zurück, und das alte ist sofort ungültig.',
  },
}

function withDuration({ en, de }: Words, iso: string): Words {
  const words = durationWords(iso)
  return { en: en.replace('{}', words.en), de: de.replace('{}', words.de) }
}

/** `P90D` as "90 days" and "90 Tage", `PT600S` as "10 minutes". A duration of several units stays as it is. */
function durationWords(iso: string): Words {
  const [, count, unit = 'S'] = /^PT?(\d+)([DHMS])$/.exec(iso) ?? []
  if (count === undefined) return { en: iso, de: iso }
  const seconds = Number(count) * ({ D: 86_400, H: 3_600, M: 60 }[unit] ?? 1)
  const { size, one, many } = UNITS.find((each) => seconds % each.size === 0) ?? UNITS[3]
  const amount = seconds / size
  const names = amount === 1 ? one : many
  return { en: `${amount} ${names.en}`, de: `${amount} ${names.de}` }
}

const UNITS = [
  { size: 86_400, one: { en: 'day', de: 'Tag' }, many: { en: 'days', de: 'Tage' } },
  { size: 3_600, one: { en: 'hour', de: 'Stunde' }, many: { en: 'hours', de: 'Stunden' } },
  { size: 60, one: { en: 'minute', de: 'Minute' }, many: { en: 'minutes', de: 'Minuten' } },
  { size: 1, one: { en: 'second', de: 'Sekunde' }, many: { en: 'seconds', de: 'Sekunden' } },
] as const

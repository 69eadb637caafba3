/** The language of the browser, if there are texts in it. */
export const language: 'en' | 'de' = navigator.language.toLowerCase().startsWith('de') ? 'de' : 'en'
const numbers = new Intl.NumberFormat(language)

/** Texts by key in both languages. `{name}` stands for a value. */
interface Catalogue<Key extends string> {
  en: Readonly<Record<Key, string>>
  de: Readonly<Record<NoInfer<Key>, string>>
}

/** Returns the text of a key. Values replace `{name}`; numbers are written as the language writes them. */
type Translate<Key extends string> = (key: Key, values?: Readonly<Record<string, string | number>>) => string

/** The texts that several pages use. */
const common = {
  en: {
    'nav.home': 'Home',
    'nav.end-users': 'End users',
    'nav.integrations': 'Integrations',
    'nav.records': 'Records',
    'nav.webhooks': 'Webhooks',
    'nav.queue': 'Queue and limits',
    'nav.keys': 'API keys',
    'nav.issuers': 'OIDC issuers',
    'nav.auth-providers': 'Auth providers',
    'nav.branding': 'Branding',
    'nav.audit': 'Audit log',
    'nav.menu': 'Menu',
    'common.noPage': 'There is no such page',
    'common.noPageText': 'The address may be incomplete. Choose a page of the menu.',
    'common.copy': 'Copy',
    'common.copied': 'Copied',
    'common.shownOnce': 'This is shown once. Copy it now and keep it in a safe place.',
    'common.docs': 'Documentation: {file}',
    'common.adminOnly': 'Your role cannot see this',
    'common.adminOnlyText': 'Sign in with an admin key of this workspace to see it.',
    'common.optional': 'optional',
    'common.save': 'Save',
    'common.saved': 'Saved.',
    'common.create': 'Create',
    'common.delete': 'Delete',
    'common.edit': 'Edit',
    'common.close': 'Close',
    'common.back': 'Back',
    'common.next': 'Continue',
    'common.name': 'Name',
    'common.created': 'Created',
    'common.search': 'Search',
    'common.noMatch': 'Nothing matches',
    'common.noMatchText': 'Change or clear the filters.',
    'common.clear': 'Clear filters',
    'common.newTab': 'opens in a new tab',
    'common.keyRefused': 'This key is unknown, expired or revoked. Use a valid API key.',
    'common.missing': 'This does not exist, or it was deleted.',
    'common.metadata': 'Metadata',
    'common.metadataHint': 'For example plan=pro',
    'common.metadataEdit': 'A JSON object of your own data. It replaces what is stored.',
    'common.noJson': '{name} is not valid JSON.',
    'common.noObject': '{name} must be a JSON object, such as {"plan": "pro"}.',
    'common.moreTags': '{count} more',
    'events.json': 'Event as JSON',
    'events.fromHere': 'Replay from here',
    'events.job': 'Sync job',
    'link.title': 'Connect link',
    'link.forAnyone':
      'With this link one end user connects an account of {name}. Send it to them, or open it for them.',
    'link.endUser': 'External id of the end user',
    'link.endUserHint': 'The id that your product has for the user.',
    'link.reconnectTitle': 'Reconnect link',
    'link.text':
      'A page on which {name} connects an account. Send it to this person only: who opens the link first keeps it.',
    'link.reconnectText':
      'A page on which {name} connects this account again. The connection keeps its id, its records and its place in every stream. Who opens the link first keeps it.',
    'link.integrations': 'Integrations to offer',
    'link.all': 'All integrations',
    'link.some': 'Chosen ones',
    'link.expires': 'The link is valid for',
    'link.minutes': '{count} minutes',
    'link.hours': '{count} hours',
    'link.hour': '1 hour',
    'link.redirect': 'Afterwards the browser goes to',
    'link.stay': 'Nowhere: it stays on the page',
    'link.confirmText':
      'Connections of this workspace have to be confirmed: your backend gets a handle at this address and calls confirmConnection with it.',
    'link.noRedirect':
      'Connections of this workspace have to be confirmed, and it has no redirect URL of your product to which the handle could be sent. Add one under Branding, or require no confirmation there.',
    'link.create': 'Create link',
    'link.addRedirect': 'Add a redirect URL',
    'link.created': 'The link is shown only now. It is valid until {time}.',
    'link.seen':
      'The person sees your name and logo, chooses the account, and agrees at the provider. Then the connection appears here by itself.',
    'nav.connections': 'Connections',
    'nav.syncs': 'Sync jobs',
    'nav.events': 'Events',
    'nav.main': 'Main',
    'nav.signOut': 'Sign out',
    'nav.switch': 'Switch workspace',
    'nav.all': 'All workspaces',
    'nav.skip': 'Skip to the content',
    'role.OPERATOR': 'Operator',
    'role.ADMIN': 'Admin',
    'role.READER': 'Read only',
    'live.live': 'Live',
    'live.connecting': 'Connecting',
    'live.offline': 'Offline. Trying again',
    'workspaces.title': 'Workspaces',
    'workspaces.missing': 'There is no such workspace, or your key does not belong to it.',
    'common.loading': 'Loading',
    'common.retry': 'Try again',
    'common.unreachable': 'Latchkey cannot be reached. The page tries again by itself.',
    'common.notSent': 'Latchkey cannot be reached. Try again in a moment.',
    'common.failed': 'This could not be loaded.',
    'common.cancel': 'Cancel',
    'common.more': 'Load more',
    'common.all': 'All',
    'common.never': 'never',
    'common.none': 'None',
    'common.readOnly': 'Your role is read only. An admin key can do this.',
    'common.of': '{count} of {total}',
    'status.ACTIVE': 'Active',
    'status.DISABLED': 'Disabled',
    'status.ERROR': 'Error',
    'status.NEEDS_REAUTH': 'Reconnect needed',
    'status.PENDING': 'Pending',
    'job.QUEUED': 'Queued',
    'job.RUNNING': 'Running',
    'job.SUCCEEDED': 'Succeeded',
    'job.FAILED': 'Failed',
    'job.CANCELLING': 'Cancelling',
    'job.CANCELLED': 'Cancelled',
    'common.status': 'Status',
    'syncs.records': '{count} records',
    'syncs.written': '{count} written',
    'syncs.deleted': '{count} deleted',
    'syncs.pages': '{count} pages',
    'syncs.attempt': 'Attempt {count}',
    'syncs.waits': 'Waits until {until}: {reason}',
    'syncs.cancel': 'Cancel',
    'syncs.ask': 'Cancel this sync?',
    'syncs.askText': 'The job stops after the page that it reads now. Records that are stored already are kept.',
    'common.type': 'Type',
  },
  de: {
    'nav.home': 'Übersicht',
    'nav.end-users': 'Endnutzer',
    'nav.integrations': 'Integrationen',
    'nav.records': 'Datensätze',
    'nav.webhooks': 'Webhooks',
    'nav.queue': 'Warteschlange und Limits',
    'nav.keys': 'API-Schlüssel',
    'nav.issuers': 'OIDC-Aussteller',
    'nav.auth-providers': 'Auth-Provider',
    'nav.branding': 'Erscheinungsbild',
    'nav.audit': 'Audit-Protokoll',
    'nav.menu': 'Menü',
    'common.noPage': 'Diese Seite gibt es nicht',
    'common.noPageText': 'Die Adresse ist vielleicht unvollständig. Wählen Sie eine Seite im Menü.',
    'common.copy': 'Kopieren',
    'common.copied': 'Kopiert',
    'common.shownOnce': 'Dies wird nur jetzt angezeigt. Kopieren Sie den Wert, und bewahren Sie ihn sicher auf.',
    'common.docs': 'Dokumentation: {file}',
    'common.adminOnly': 'Ihre Rolle darf das nicht sehen',
    'common.adminOnlyText': 'Melden Sie sich mit einem Admin-Schlüssel dieses Arbeitsbereichs an.',
    'common.optional': 'optional',
    'common.save': 'Speichern',
    'common.saved': 'Gespeichert.',
    'common.create': 'Anlegen',
    'common.delete': 'Löschen',
    'common.edit': 'Bearbeiten',
    'common.close': 'Schließen',
    'common.back': 'Zurück',
    'common.next': 'Weiter',
    'common.name': 'Name',
    'common.created': 'Angelegt',
    'common.search': 'Suche',
    'common.noMatch': 'Nichts gefunden',
    'common.noMatchText': 'Ändern oder entfernen Sie die Filter.',
    'common.clear': 'Filter entfernen',
    'common.newTab': 'öffnet einen neuen Tab',
    'common.keyRefused':
      'Dieser Schlüssel ist unbekannt, abgelaufen oder widerrufen. Verwenden Sie einen gültigen API-Schlüssel.',
    'common.missing': 'Das gibt es nicht, oder es wurde gelöscht.',
    'common.metadata': 'Metadaten',
    'common.metadataHint': 'Zum Beispiel plan=pro',
    'common.metadataEdit': 'Ein JSON-Objekt mit Ihren eigenen Daten. Es ersetzt das gespeicherte.',
    'common.noJson': '{name} ist kein gültiges JSON.',
    'common.noObject': '{name} muss ein JSON-Objekt sein, zum Beispiel {"plan": "pro"}.',
    'common.moreTags': '{count} weitere',
    'events.json': 'Ereignis als JSON',
    'events.fromHere': 'Ab hier wiedergeben',
    'events.job': 'Synchronisierung',
    'link.title': 'Link zum Verbinden',
    'link.forAnyone':
      'Mit diesem Link verbindet ein Endnutzer ein Konto bei {name}. Senden Sie ihn, oder öffnen Sie ihn gemeinsam.',
    'link.endUser': 'Externe Id des Endnutzers',
    'link.endUserHint': 'Die Id, die Ihr Produkt für den Nutzer hat.',
    'link.reconnectTitle': 'Link zum erneuten Verbinden',
    'link.text':
      'Eine Seite, auf der {name} ein Konto verbindet. Senden Sie den Link nur dieser Person: Er gehört dem Browser, der ihn zuerst öffnet.',
    'link.reconnectText':
      'Eine Seite, auf der {name} dieses Konto erneut verbindet. Die Verbindung behält ihre Id, ihre Datensätze und den Stand jedes Streams. Der Link gehört dem Browser, der ihn zuerst öffnet.',
    'link.integrations': 'Angebotene Integrationen',
    'link.all': 'Alle Integrationen',
    'link.some': 'Ausgewählte',
    'link.expires': 'Der Link gilt',
    'link.minutes': '{count} Minuten',
    'link.hours': '{count} Stunden',
    'link.hour': '1 Stunde',
    'link.redirect': 'Danach geht der Browser zu',
    'link.stay': 'Nirgendwohin: Er bleibt auf der Seite',
    'link.confirmText':
      'Verbindungen dieses Arbeitsbereichs müssen bestätigt werden: Ihr Backend erhält an dieser Adresse ein Handle und ruft damit confirmConnection auf.',
    'link.noRedirect':
      'Verbindungen dieses Arbeitsbereichs müssen bestätigt werden, und es ist keine Redirect-URL Ihres Produkts hinterlegt, an die das Handle gehen könnte. Tragen Sie unter Erscheinungsbild eine ein, oder verlangen Sie dort keine Bestätigung.',
    'link.create': 'Link erstellen',
    'link.addRedirect': 'Redirect-URL hinzufügen',
    'link.created': 'Der Link wird nur jetzt angezeigt. Er gilt bis {time}.',
    'link.seen':
      'Die Person sieht Ihren Namen und Ihr Logo, wählt das Konto und stimmt beim Anbieter zu. Danach erscheint die Verbindung hier von selbst.',
    'nav.connections': 'Verbindungen',
    'nav.syncs': 'Syncs',
    'nav.events': 'Ereignisse',
    'nav.main': 'Hauptmenü',
    'nav.signOut': 'Abmelden',
    'nav.switch': 'Arbeitsbereich wechseln',
    'nav.all': 'Alle Arbeitsbereiche',
    'nav.skip': 'Zum Inhalt springen',
    'role.OPERATOR': 'Betreiber',
    'role.ADMIN': 'Admin',
    'role.READER': 'Nur lesen',
    'live.live': 'Live',
    'live.connecting': 'Verbindet',
    'live.offline': 'Getrennt. Neuer Versuch läuft',
    'workspaces.title': 'Arbeitsbereiche',
    'workspaces.missing': 'Diesen Arbeitsbereich gibt es nicht, oder Ihr Schlüssel gehört nicht dazu.',
    'common.loading': 'Lädt',
    'common.retry': 'Erneut versuchen',
    'common.unreachable': 'Latchkey ist nicht erreichbar. Die Seite versucht es von selbst erneut.',
    'common.notSent': 'Latchkey ist nicht erreichbar. Versuchen Sie es gleich noch einmal.',
    'common.failed': 'Das konnte nicht geladen werden.',
    'common.cancel': 'Abbrechen',
    'common.more': 'Mehr laden',
    'common.all': 'Alle',
    'common.never': 'nie',
    'common.none': 'Keine',
    'common.readOnly': 'Ihre Rolle darf nur lesen. Dafür ist ein Admin-Schlüssel nötig.',
    'common.of': '{count} von {total}',
    'status.ACTIVE': 'Aktiv',
    'status.DISABLED': 'Deaktiviert',
    'status.ERROR': 'Fehler',
    'status.NEEDS_REAUTH': 'Neu verbinden',
    'status.PENDING': 'Ausstehend',
    'job.QUEUED': 'Wartet',
    'job.RUNNING': 'Läuft',
    'job.SUCCEEDED': 'Erfolgreich',
    'job.FAILED': 'Fehlgeschlagen',
    'job.CANCELLING': 'Wird abgebrochen',
    'job.CANCELLED': 'Abgebrochen',
    'common.status': 'Status',
    'syncs.records': '{count} Datensätze',
    'syncs.written': '{count} geschrieben',
    'syncs.deleted': '{count} gelöscht',
    'syncs.pages': '{count} Seiten',
    'syncs.attempt': 'Versuch {count}',
    'syncs.waits': 'Wartet bis {until}: {reason}',
    'syncs.cancel': 'Abbrechen',
    'syncs.ask': 'Diese Synchronisierung abbrechen?',
    'syncs.askText': 'Sie endet nach der Seite, die sie gerade liest. Gespeicherte Datensätze bleiben erhalten.',
    'common.type': 'Art',
  },
} as const satisfies Catalogue<string>

export type CommonKey = keyof typeof common.en

/** The texts of a page, together with the common ones. */
export function makeTexts<Key extends string>(catalogue: Catalogue<Key>): Translate<Key | CommonKey> {
  const texts: Readonly<Record<string, string>> = { ...common[language], ...catalogue[language] }
  return (key, values = {}) =>
    (texts[key] ?? key).replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const value = values[name] ?? ''
      return typeof value === 'number' ? numbers.format(value) : value
    })
}

export const t = makeTexts({ en: {}, de: {} })

export function formatNumber(value: number): string {
  return numbers.format(value)
}

const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' })
const exact = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'long' })
const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

/** How far a time is from now, such as "3 min. ago". */
export function formatRelative(time: Date, now: number): string {
  const seconds = (time.getTime() - now) / 1000
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit)
  }
  return relative.format(Math.trunc(seconds), 'second')
}

/** The hour and the minute, and the day unless it is today. */
export function formatTime(time: Date): string {
  const isToday = time.toDateString() === new Date().toDateString()
  return time.toLocaleString(language, { dateStyle: isToday ? undefined : 'medium', timeStyle: 'medium' })
}

/** A length of time such as "2 min 5 s". */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000
  if (seconds < 60) return `${numbers.format(Math.round(seconds * 10) / 10)} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes} min ${Math.round(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

const BYTE_UNITS = ['kilobyte', 'megabyte', 'gigabyte'] as const

/** A size in kB, MB or GB. */
export function formatBytes(bytes: number): string {
  const power = Math.min(2, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3) - 1))
  const unit = BYTE_UNITS[power] ?? 'gigabyte'
  const format = new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: 1 })
  return format.format(bytes / 1000 ** (power + 1))
}

export function formatExact(time: Date): string {
  return exact.format(time)
}

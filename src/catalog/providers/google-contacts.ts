import { cursor, email, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import { discovery, googleProduct, nangoSource } from '../families/google.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developers.google.com/people/api/rest/v1'

const READ = 'https://www.googleapis.com/auth/contacts.readonly'

const READ_OTHER = 'https://www.googleapis.com/auth/contacts.other.readonly'

const WRITE = 'https://www.googleapis.com/auth/contacts'

const FIELDS =
  'names,nicknames,emailAddresses,phoneNumbers,addresses,organizations,birthdays,biographies,urls,memberships,userDefined,metadata'

const actions: ActionDefinition[] = [
  {
    name: 'create_contact',
    title: 'Create a contact',
    description:
      'Creates a contact and returns it with its resourceName. Several contacts may have the same name or address.',
    docsUrl: `${reference}/people/createContact`,
    scopes: [WRITE],
    input: input(
      { given_name: text('First name.') },
      {
        family_name: text('Last name.'),
        email: email('Email address.'),
        phone: text('Phone number.'),
        company: text('Name of the company.'),
        job_title: text('Job title.'),
        notes: text('Notes.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/people:createContact',
      query: { personFields: FIELDS },
      json: {
        names: [{ givenName: '{{ args.given_name }}', familyName: '{{ args.family_name }}' }],
        emailAddresses: [{ value: '{{ args.email }}' }],
        phoneNumbers: [{ value: '{{ args.phone }}' }],
        organizations: [{ name: '{{ args.company }}', title: '{{ args.job_title }}' }],
        biographies: [{ value: '{{ args.notes }}' }],
      },
    },
  },
  {
    name: 'search_contacts',
    title: 'Search contacts',
    description:
      'Finds contacts whose names, nicknames, email addresses, phone numbers or companies have words that begin with the query. The first search may miss what changed a short time ago. Returns results.',
    docsUrl: `${reference}/people/searchContacts`,
    scopes: [READ],
    readOnly: true,
    input: input({ query: text('Beginnings of words, such as: ada love.') }, { limit: limit(30, 10) }),
    request: {
      method: 'GET',
      path: '/people:searchContacts',
      query: { query: '{{ args.query }}', readMask: FIELDS, pageSize: '{{ args.limit | default(10) }}' },
    },
  },
  {
    name: 'list_contacts',
    title: 'List contacts',
    description:
      'Lists the contacts, the last changed first. Returns connections; nextPageToken is the cursor of the next page.',
    docsUrl: `${reference}/people.connections/list`,
    scopes: [READ],
    readOnly: true,
    input: input({}, { limit: limit(1000, 100), cursor: cursor('nextPageToken') }),
    request: {
      method: 'GET',
      path: '/people/me/connections',
      query: {
        personFields: FIELDS,
        sortOrder: 'LAST_MODIFIED_DESCENDING',
        pageSize: '{{ args.limit | default(100) }}',
        pageToken: '{{ args.cursor }}',
      },
    },
  },
]

export const provider: ProviderFile = googleProduct({
  aliases: ['google people', 'people api', 'gcontacts', 'google address book', 'google kontakte', 'gmail contacts'],
  logo: 'google',
  color: '#1a73e8',
  sources: [
    discovery('people.v1'),
    { url: 'https://developers.google.com/people/api/rest/v1/otherContacts/list?authuser=2&hl=en', read: '2026-11-29' },
    nangoSource,
  ],
  unverified: ['rateLimit'],
  api: 'Google People API',
  requested: [READ, READ_OTHER],
  definition: {
    displayName: 'Google Contacts',
    docsUrl: `${reference}`,
    categories: ['crm', 'communication'],
    baseUrl: 'https://people.googleapis.com/v1',
    testRequest: { path: '/contactGroups?pageSize=1' },
    // The lists have a token for their changes, which is another one than that of the next page, and ends after 7 days.
    streams: [
      {
        name: 'contacts',
        path: '/people/me/connections',
        query: { personFields: FIELDS, pageSize: '1000' },
        recordsPath: ['connections'],
        omitsEmptyList: true,
        primaryKey: [['resourceName']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
      {
        name: 'other_contacts',
        path: '/otherContacts',
        query: { readMask: 'names,emailAddresses,phoneNumbers,metadata', pageSize: '1000' },
        recordsPath: ['otherContacts'],
        omitsEmptyList: true,
        primaryKey: [['resourceName']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
      {
        name: 'contact_groups',
        path: '/contactGroups',
        query: { groupFields: 'clientData,groupType,memberCount,metadata,name', pageSize: '1000' },
        recordsPath: ['contactGroups'],
        omitsEmptyList: true,
        primaryKey: [['resourceName']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
    ],
    actions,
  },
  guide: {
    traps: [
      {
        en: 'Changes of one person’s contacts should be sent one after another: at the same time they are slow and may fail.',
        de: 'Änderungen an den Kontakten einer Person sollten nacheinander gesendet werden: Gleichzeitig sind sie langsam und können fehlschlagen.',
      },
      {
        en: 'The first page of a whole list has a limit of its own, which cannot be raised.',
        de: 'Für die erste Seite einer vollständigen Liste gilt eine eigene Grenze, die sich nicht erhöhen lässt.',
      },
      {
        en: 'Other contacts are addresses that Google saved by itself. They have only names, email addresses and phone numbers.',
        de: 'Weitere Kontakte sind Adressen, die Google selbst gespeichert hat. Sie haben nur Namen, E-Mail-Adressen und Telefonnummern.',
      },
    ],
    scopes: {
      [READ]: { en: 'see your contacts', de: 'Ihre Kontakte sehen' },
      [READ_OTHER]: {
        en: 'see the contact information that Google saved automatically in “Other contacts”',
        de: 'die Kontaktdaten sehen, die Google automatisch unter „Weitere Kontakte“ gespeichert hat',
      },
      [WRITE]: {
        en: 'see, create, change and delete your contacts',
        de: 'Ihre Kontakte sehen, anlegen, ändern und löschen',
      },
    },
    rateLimit: null,
  },
})

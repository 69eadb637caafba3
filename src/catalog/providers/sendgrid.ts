import { EMAIL, email, input, list, onlyWith, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

/** `scopes` are permissions of the API key, by their names in the dashboard. */
const actions: ActionDefinition[] = [
  {
    name: 'send_message',
    title: 'Send an email',
    description:
      'Sends an email as plain text, HTML or both. from_email must be a verified sender. All recipients see each other. Returns nothing: SendGrid accepts the message (202) and delivers it later.',
    docsUrl: 'https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send',
    scopes: ['Mail Send'],
    input: {
      ...input(
        {
          to: list('Email addresses of the recipients, each of them once.', EMAIL, {
            maxItems: 1000,
            uniqueItems: true,
          }),
          from_email: email('Email address of a verified sender.'),
          subject: text('Subject.'),
          text: text('Text of the email, as plain text.'),
        },
        {
          from_name: text('Name of the sender.'),
          reply_to: email('Email address for replies.'),
          html: text('The same text as HTML.'),
        },
      ),
    },
    request: {
      method: 'POST',
      path: '/mail/send',
      json: {
        personalizations: [{ to: "{{ args.to | wrap('email') }}" }],
        from: { email: '{{ args.from_email }}', name: '{{ args.from_name }}' },
        reply_to: { email: '{{ args.reply_to }}' },
        subject: '{{ args.subject }}',
        // text/plain precedes text/html.
        content: [
          { type: 'text/plain', value: '{{ args.text }}' },
          onlyWith('html', { type: 'text/html', value: '{{ args.html }}' }),
        ],
      },
    },
  },
  {
    name: 'upsert_contact',
    title: 'Create or update a contact',
    description:
      'Creates a marketing contact or updates the one with this email address. SendGrid does it within some minutes. Returns the job_id.',
    docsUrl: 'https://www.twilio.com/docs/sendgrid/api-reference/contacts/add-or-update-a-contact',
    scopes: ['Marketing'],
    destructive: true,
    input: input(
      { email: email('Email address of the contact.') },
      {
        first_name: text('First name.', { maxLength: 50 }),
        last_name: text('Last name.', { maxLength: 50 }),
        list_ids: list('Ids of the lists to add the contact to. list_lists returns them.', {
          type: 'string',
          format: 'uuid',
        }),
      },
    ),
    request: {
      method: 'PUT',
      path: '/marketing/contacts',
      json: {
        list_ids: '{{ args.list_ids }}',
        contacts: [
          { email: '{{ args.email }}', first_name: '{{ args.first_name }}', last_name: '{{ args.last_name }}' },
        ],
      },
    },
  },
  {
    name: 'find_contacts',
    title: 'Find contacts by email address',
    description:
      'Returns the marketing contacts with these email addresses, by address. SendGrid answers 404 when it finds none.',
    docsUrl: 'https://www.twilio.com/docs/sendgrid/api-reference/contacts/get-contacts-by-emails',
    scopes: ['Marketing'],
    readOnly: true,
    input: input({ emails: list('Email addresses of the contacts.', EMAIL, { maxItems: 100 }) }),
    request: { method: 'POST', path: '/marketing/contacts/search/emails', json: { emails: '{{ args.emails }}' } },
    output: ['result'],
  },
  {
    name: 'list_lists',
    title: 'List contact lists',
    description: 'Lists the marketing lists with id, name and number of contacts.',
    docsUrl: 'https://www.twilio.com/docs/sendgrid/api-reference/lists/get-all-lists',
    scopes: ['Marketing'],
    readOnly: true,
    input: input({}),
    request: { method: 'GET', path: '/marketing/lists', query: { page_size: '1000' } },
    output: ['result'],
  },
]

export const provider: ProviderFile = {
  aliases: ['send grid', 'twilio sendgrid', 'transactional email'],
  logo: null,
  color: '#1a82e2',
  sources: [
    { url: 'https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys', read: '2026-11-29' },
    { url: 'https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions', read: '2026-11-29' },
    {
      url: 'https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits',
      read: '2026-11-29',
    },
    { url: 'https://www.twilio.com/docs/sendgrid/for-developers/sending-email/sender-identity', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  definition: {
    displayName: 'SendGrid',
    docsUrl: 'https://www.twilio.com/docs/sendgrid/for-developers/sending-email/authentication',
    categories: ['email', 'marketing'],
    baseUrl: 'https://api.sendgrid.com/v3',
    auth: {
      type: 'bearer',
      fields: [{ name: 'api_key', label: 'API key', secret: true, required: true }],
      token: '{{ config.api_key }}',
    },
    testRequest: { path: '/scopes' },
    streams: [
      {
        name: 'lists',
        path: '/marketing/lists',
        query: { page_size: '1000' },
        recordsPath: ['result'],
        primaryKey: [['id']],
        pagination: { type: 'next_url', path: ['_metadata', 'next'] },
      },
      suppressions('bounces'),
      suppressions('blocks'),
      suppressions('spam_reports'),
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://app.sendgrid.com/settings/api_keys',
      steps: [
        {
          en: 'Open **Settings** and **API Keys**, and select **Create API Key**.',
          de: 'Öffnen Sie **Settings** und **API Keys** und wählen Sie **Create API Key**.',
        },
        {
          en: 'Enter a name and choose **Custom Access**.',
          de: 'Geben Sie einen Namen ein und wählen Sie **Custom Access**.',
        },
        {
          en: 'Choose **Read Access** for **Suppressions** and **Marketing**. Choose **Full Access** for **Mail Send** if emails are to be sent, and for **Marketing** if contacts are to be changed. Leave the rest at **No Access**.',
          de: 'Wählen Sie **Read Access** für **Suppressions** und **Marketing**. Wählen Sie **Full Access** für **Mail Send**, wenn E-Mails gesendet, und für **Marketing**, wenn Kontakte geändert werden sollen. Lassen Sie alles andere auf **No Access**.',
        },
        {
          en: 'Create the key and copy it at once. SendGrid shows it only once. It begins with SG. and has 69 characters.',
          de: 'Erstellen Sie den Schlüssel und kopieren Sie ihn sofort. SendGrid zeigt ihn nur einmal. Er beginnt mit SG. und hat 69 Zeichen.',
        },
      ],
    },
    fields: { api_key: { label: 'API-Schlüssel' } },
    scopes: {
      'Mail Send': { en: 'send emails in your name', de: 'in Ihrem Namen E-Mails senden' },
      Marketing: {
        en: 'see, add, change and delete your marketing contacts and lists',
        de: 'Ihre Marketing-Kontakte und -Listen sehen, anlegen, ändern und löschen',
      },
    },
    // The documentation names the headers of the limit and no numbers.
    rateLimit: null,
    hints: [
      {
        at: 'request',
        messages: ['authorization grant is invalid, expired, or revoked'],
        cause: {
          en: 'The key is incomplete or was deleted.',
          de: 'Der Schlüssel ist unvollständig oder wurde gelöscht.',
        },
        operator: {
          en: 'Let the key be entered again, or a new one be created.',
          de: 'Lassen Sie den Schlüssel noch einmal eingeben oder einen neuen erstellen.',
        },
        person: {
          en: 'Create a new key under **Settings** and **API Keys**. What the list shows there is the id of a key and not the key.',
          de: 'Erstellen Sie unter **Settings** und **API Keys** einen neuen Schlüssel. Die Liste dort zeigt die ID eines Schlüssels und nicht den Schlüssel.',
        },
        url: 'https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys',
      },
      {
        at: 'request',
        messages: ['access forbidden'],
        cause: {
          en: 'The key lacks a permission that this request needs.',
          de: 'Dem Schlüssel fehlt eine Berechtigung, die diese Anfrage braucht.',
        },
        operator: {
          en: 'The permission has to be added to the key, such as **Suppressions**, **Marketing** or **Mail Send**.',
          de: 'Die Berechtigung muss beim Schlüssel ergänzt werden, etwa **Suppressions**, **Marketing** oder **Mail Send**.',
        },
        person: {
          en: 'Edit the key under **Settings** and **API Keys** and allow what is missing.',
          de: 'Bearbeiten Sie den Schlüssel unter **Settings** und **API Keys** und erlauben Sie, was fehlt.',
        },
        url: 'https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions',
      },
      {
        at: 'request',
        messages: ['does not match a verified Sender Identity'],
        cause: {
          en: 'The sender of the email is not verified in the SendGrid account.',
          de: 'Der Absender der E-Mail ist im SendGrid-Konto nicht verifiziert.',
        },
        operator: {
          en: 'Use an address that the account has verified under **Sender Authentication**.',
          de: 'Verwenden Sie eine Adresse, die das Konto unter **Sender Authentication** verifiziert hat.',
        },
        person: {
          en: 'Verify the sender under **Settings** and **Sender Authentication**.',
          de: 'Verifizieren Sie den Absender unter **Settings** und **Sender Authentication**.',
        },
        url: 'https://www.twilio.com/docs/sendgrid/for-developers/sending-email/sender-identity',
      },
      {
        at: 'request',
        messages: ['IP Address is not whitelisted'],
        cause: {
          en: 'The account accepts requests from certain IP addresses only, and this server is not among them.',
          de: 'Das Konto nimmt nur Anfragen von bestimmten IP-Adressen an, zu denen dieser Server nicht gehört.',
        },
        operator: {
          en: 'Tell the person the address from which your server sends requests.',
          de: 'Nennen Sie der Person die Adresse, von der Ihr Server Anfragen sendet.',
        },
        person: {
          en: 'Add the address of the service under **Settings** and **IP Access Management**.',
          de: 'Ergänzen Sie die Adresse des Dienstes unter **Settings** und **IP Access Management**.',
        },
        url: 'https://www.twilio.com/docs/sendgrid/ui/account-and-settings/ip-access-management',
      },
    ],
  },
}

function suppressions(name: string): StreamDefinition {
  return {
    name,
    path: `/suppression/${name}`,
    primaryKey: [['email']],
    pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 500 },
    incremental: { cursorField: ['created'], param: 'start_time', format: 'epoch' },
  }
}

import { input, integer, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://learn.microsoft.com/sharepoint/dev/sp-add-ins'

const guid = '[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}'
const list = text('Id (GUID) of the list.', { pattern: `^${guid}$` })
const items = "/web/lists(guid'{{ args.list_id }}')/items"

const actions: ActionDefinition[] = [
  {
    name: 'list_list_items',
    title: 'List the items of a list',
    description: 'Lists items of a list or a document library, in the order of their ids.',
    docsUrl: `${docs}/working-with-lists-and-list-items-with-rest`,
    readOnly: true,
    input: input(
      { list_id: list },
      {
        after_id: integer('The items after the one with this id, to get the next page. Default: from the first.', {
          minimum: 1,
        }),
        limit: limit(500, 50),
      },
    ),
    request: {
      method: 'GET',
      path: items,
      query: {
        $top: '{{ args.limit | default(50) }}',
        $skiptoken: "{{ ('Paged=TRUE&p_ID=' ~ args.after_id) if args.after_id is defined else args.after_id }}",
      },
    },
    output: ['d', 'results'],
  },
  {
    name: 'get_list_item',
    title: 'Get an item of a list',
    description: 'Returns one item of a list with all of its columns.',
    docsUrl: `${docs}/working-with-lists-and-list-items-with-rest`,
    readOnly: true,
    input: input({ list_id: list, item_id: integer('Id of the item in the list.', { minimum: 1 }) }),
    request: { method: 'GET', path: `${items}({{ args.item_id }})` },
    output: ['d'],
  },
]

/**
 * The REST service of SharePoint Server 2013 and later, below `/_api`. A farm uses NTLM or Kerberos, which a definition cannot write, unless
 * it also accepts Basic. Writing needs a form digest of a request before, so the actions only read.
 */
export const provider: ProviderFile = {
  aliases: [
    'sharepoint 2019',
    'sharepoint on-premises',
    'sharepoint on-premise',
    'sharepoint server 2019',
    'sharepoint 2016',
    'sharepoint subscription edition',
  ],
  logo: null,
  color: '#036c70',
  sources: [
    {
      url: 'https://github.com/SharePoint/sp-dev-docs/blob/main/docs/sp-add-ins/working-with-lists-and-list-items-with-rest.md',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/SharePoint/sp-dev-docs/blob/main/docs/sp-add-ins/use-odata-query-operations-in-sharepoint-rest-requests.md',
      read: '2026-11-29',
    },
    {
      url: 'https://learn.microsoft.com/ja-jp/sharepoint/security-for-sharepoint-server/plan-user-authentication',
      read: '2026-11-29',
    },
    {
      url: 'https://www.powershellgallery.com/packages/SharePointDSC/4.9.0/Content/DSCResources%5CMSFT_SPWebAppAuthentication%5CMSFT_SPWebAppAuthentication.schema.mof',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/airweave-ai/airweave/blob/main/backend/airweave/platform/sources/sharepoint2019v2/client.py',
      read: '2026-11-29',
      second: true,
      differs: 'It signs in by NTLM, which a definition cannot write. Farms can accept Basic besides.',
    },
  ],
  unverified: ['key', 'rateLimit', 'hints'],
  definition: {
    displayName: 'SharePoint Server',
    docsUrl: `${docs}/get-to-know-the-sharepoint-rest-service`,
    categories: ['storage', 'knowledge base'],
    baseUrl: '{{ input.url }}/_api',
    inputFields: [
      {
        name: 'url',
        label: 'URL of the site',
        description: 'Of the site whose content is read, without /_api and without a slash at its end.',
        required: true,
        pattern: 'https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[^\\s?#/]+)*',
        example: 'https://sharepoint.contoso.com/sites/team',
      },
    ],
    auth: {
      type: 'basic',
      fields: [
        { name: 'username', label: 'User name', required: true, example: 'CONTOSO\\ada' },
        { name: 'password', label: 'Password', secret: true, required: true },
      ],
      username: '{{ config.username }}',
      password: '{{ config.password }}',
    },
    headers: { Accept: 'application/json;odata=verbose' },
    responseErrors: [
      { status: 401, as: 'auth', message: ['error', 'message', 'value'] },
      { status: 403, as: 'fail', message: ['error', 'message', 'value'] },
    ],
    testRequest: { path: '/web?$select=Title' },
    streams: [
      {
        name: 'webs',
        path: '/web/webs',
        recordsPath: ['d', 'results'],
        primaryKey: [['Id']],
        pagination: { type: 'next_url', path: ['d', '__next'] },
      },
      {
        name: 'lists',
        path: '/web/lists',
        query: { $filter: 'Hidden eq false' },
        recordsPath: ['d', 'results'],
        primaryKey: [['Id']],
        pagination: { type: 'next_url', path: ['d', '__next'] },
      },
      {
        // A filter by the last change fails for long lists, whose column Modified has no index.
        name: 'items',
        parent: { stream: 'lists' },
        path: "/web/lists(guid'{{ parent.Id }}')/items",
        query: { $top: '500' },
        recordsPath: ['d', 'results'],
        primaryKey: [['Id']],
        pagination: { type: 'next_url', path: ['d', '__next'] },
      },
      {
        name: 'groups',
        path: '/web/sitegroups',
        recordsPath: ['d', 'results'],
        primaryKey: [['Id']],
        pagination: { type: 'next_url', path: ['d', '__next'] },
      },
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://learn.microsoft.com/sharepoint/security-for-sharepoint-server/plan-user-authentication',
      steps: [
        {
          en: 'Ask the administrator of the farm to let the zone of the web application accept Basic authentication besides Windows authentication, over https only.',
          de: 'Bitten Sie die Administration der Farm, in der Zone der Webanwendung neben der Windows-Authentifizierung auch Basic zuzulassen, und zwar nur über https.',
        },
        {
          en: 'Ask for an account that can read the sites that are needed, and nothing else. Its name is written with the domain, such as CONTOSO\\ada.',
          de: 'Bitten Sie um ein Konto, das die benötigten Websites lesen kann und sonst nichts. Der Name enthält die Domäne, etwa CONTOSO\\ada.',
        },
        {
          en: 'Open the site in the browser and copy its address up to the name of the site, such as https://sharepoint.contoso.com/sites/team.',
          de: 'Öffnen Sie die Website im Browser und kopieren Sie die Adresse bis zum Namen der Website, etwa https://sharepoint.contoso.com/sites/team.',
        },
      ],
    },
    fields: {
      url: {
        label: 'URL der Website',
        description: 'Der Website, deren Inhalt gelesen wird, ohne /_api und ohne Schrägstrich am Ende.',
      },
    },
    scopes: {},
    rateLimit: null,
    traps: [
      {
        en: 'NTLM and Kerberos are not supported. A farm that accepts nothing else cannot be connected.',
        de: 'NTLM und Kerberos werden nicht unterstützt. Eine Farm, die nichts anderes akzeptiert, lässt sich nicht verbinden.',
      },
      {
        en: 'Basic authentication sends the password with every request. Use it over https only.',
        de: 'Bei Basic wird das Passwort mit jeder Anfrage gesendet. Verwenden Sie es nur über https.',
      },
      {
        en: 'A server in an internal network has to be reachable from Latchkey, and its address has to be allowed.',
        de: 'Ein Server in einem internen Netz muss von Latchkey aus erreichbar und seine Adresse erlaubt sein.',
      },
      {
        en: 'A request that writes needs the header X-RequestDigest with a value that /_api/contextinfo returns.',
        de: 'Eine schreibende Anfrage braucht den Header X-RequestDigest mit einem Wert, den /_api/contextinfo liefert.',
      },
    ],
    hints: [
      {
        at: 'request',
        statuses: [401],
        cause: {
          en: 'The user name or the password is wrong, or the farm does not accept Basic authentication.',
          de: 'Der Benutzername oder das Passwort ist falsch, oder die Farm akzeptiert Basic nicht.',
        },
        operator: {
          en: 'Check the user name with its domain, and ask the administrator of the farm whether the zone accepts Basic authentication.',
          de: 'Prüfen Sie den Benutzernamen mit der Domäne und fragen Sie die Administration der Farm, ob die Zone Basic akzeptiert.',
        },
        person: {
          en: 'Enter the user name with its domain, such as CONTOSO\\ada, and the password again.',
          de: 'Geben Sie den Benutzernamen mit der Domäne, etwa CONTOSO\\ada, und das Passwort erneut ein.',
        },
      },
    ],
  },
}

import { choice, input, integer, limit, list, page, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import { githubRateLimits, githubWebhook } from '../families/github.ts'
import type { ProviderFile } from '../provider-file.ts'

const repository = {
  owner: text('Owner of the repository: a user or an organization.', { pattern: '^[\\w.-]+$' }),
  repo: text('Name of the repository, without its owner.', { pattern: '^[\\w.-]+$' }),
}

const number = integer('Number of the issue or pull request, as in its URL.', { minimum: 1 })

const paging = { limit: limit(100, 30), page: page() }

const pagingQuery = { per_page: '{{ args.limit | default(30) }}', page: '{{ args.page }}' }

const path = '/repos/{{ args.owner }}/{{ args.repo }}/issues'

const actions: ActionDefinition[] = [
  {
    name: 'create_issue',
    title: 'Create an issue',
    description:
      'Creates an issue in a repository and returns it with its number and html_url. Labels, assignees and milestone need write access; GitHub ignores them without.',
    docsUrl: 'https://docs.github.com/rest/issues/issues#create-an-issue',
    scopes: ['public_repo'],
    input: input(
      { ...repository, title: text('Title.', { maxLength: 256 }) },
      {
        body: text('Description, in Markdown.', { maxLength: 65_536 }),
        labels: list('Names of labels of the repository.', { type: 'string' }),
        assignees: list('Logins of the users to assign.', { type: 'string' }, { maxItems: 10 }),
        milestone: integer('Number of a milestone.', { minimum: 1 }),
      },
    ),
    request: {
      method: 'POST',
      path,
      json: {
        title: '{{ args.title }}',
        body: '{{ args.body }}',
        labels: '{{ args.labels }}',
        assignees: '{{ args.assignees }}',
        milestone: '{{ args.milestone }}',
      },
    },
  },
  {
    name: 'list_issues',
    title: 'List issues',
    description:
      'Lists the issues of a repository, the newest first. Pull requests are listed too; they have a pull_request. A full page means that there may be another one.',
    docsUrl: 'https://docs.github.com/rest/issues/issues#list-repository-issues',
    readOnly: true,
    input: input(repository, {
      state: choice('Default: open.', ['open', 'closed', 'all']),
      labels: list('Only issues that have all of these labels.', { type: 'string' }),
      assignee: text('Login of the assignee; none for issues without one, * for issues with any.'),
      ...paging,
    }),
    request: {
      method: 'GET',
      path,
      query: {
        state: '{{ args.state }}',
        labels: "{{ args.labels | join(',') }}",
        assignee: '{{ args.assignee }}',
        ...pagingQuery,
      },
    },
  },
  {
    name: 'get_issue',
    title: 'Get an issue',
    description: 'Returns one issue or pull request: title, body, state, labels, assignees and number of comments.',
    docsUrl: 'https://docs.github.com/rest/issues/issues#get-an-issue',
    readOnly: true,
    input: input({ ...repository, issue_number: number }),
    request: { method: 'GET', path: `${path}/{{ args.issue_number }}` },
  },
  {
    name: 'create_comment',
    title: 'Comment on an issue',
    description: 'Adds a comment to an issue or pull request and returns it with its html_url.',
    docsUrl: 'https://docs.github.com/rest/issues/comments#create-an-issue-comment',
    scopes: ['public_repo'],
    input: input({
      ...repository,
      issue_number: number,
      body: text('Text of the comment, in Markdown.', { maxLength: 65_536 }),
    }),
    request: { method: 'POST', path: `${path}/{{ args.issue_number }}/comments`, json: { body: '{{ args.body }}' } },
  },
  {
    name: 'search_issues',
    title: 'Search issues and pull requests',
    description:
      'Searches issues and pull requests with GitHub’s search syntax. Returns total_count and items. GitHub returns at most 1,000 results for a search and allows 30 searches a minute.',
    docsUrl: 'https://docs.github.com/rest/search/search#search-issues-and-pull-requests',
    readOnly: true,
    input: input(
      {
        query: text(
          'Search query, such as: repo:octocat/hello-world is:issue is:open crash. It must contain is:issue or is:pull-request.',
          { maxLength: 256 },
        ),
      },
      paging,
    ),
    request: { method: 'GET', path: '/search/issues', query: { q: '{{ args.query }}', ...pagingQuery } },
  },
  {
    name: 'list_repositories',
    title: 'List repositories',
    description: 'Lists the repositories that the user can access, the last updated first.',
    docsUrl: 'https://docs.github.com/rest/repos/repos#list-repositories-for-the-authenticated-user',
    readOnly: true,
    input: input({}, { visibility: choice('Default: all.', ['all', 'public', 'private']), ...paging }),
    request: {
      method: 'GET',
      path: '/user/repos',
      query: { sort: 'updated', visibility: '{{ args.visibility }}', ...pagingQuery },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['gh', 'git hub', 'github issues', 'github oauth app'],
  logo: 'github',
  color: '#181717',
  sources: [
    { url: 'https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/creating-an-oauth-app', read: '2026-11-29' },
    { url: 'https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps', read: '2026-11-29' },
    {
      url: 'https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-authorization-request-errors',
      read: '2026-11-29',
    },
    {
      url: 'https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors',
      read: '2026-11-29',
    },
    { url: 'https://github.com/orgs/community/discussions/204963', read: '2026-11-29' },
    {
      url: 'https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/registering-a-github-app',
      read: '2026-11-29',
    },
    {
      url: 'https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/about-the-user-authorization-callback-url',
      read: '2026-11-29',
    },
    {
      url: 'https://docs.github.com/en/organizations/managing-oauth-access-to-your-organizations-data/about-oauth-app-access-restrictions',
      read: '2026-11-29',
    },
    { url: 'https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api', read: '2026-11-29' },
    { url: 'https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://github.com/octokit/webhooks-methods.js', read: '2026-11-29', second: true },
  ],
  // The forms have new names since August 2026, which the documentation does not use yet.
  unverified: ['app', 'webhook'],
  definition: {
    displayName: 'GitHub',
    docsUrl: 'https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps',
    categories: ['developer tools'],
    baseUrl: 'https://api.github.com',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://github.com/login/oauth/authorize',
      tokenUrl: 'https://github.com/login/oauth/access_token',
      // Public data needs no scope. Private repositories need `repo`, which also lets the app change them: GitHub has no scope that only reads.
      scopes: ['read:user'],
      // GitHub Apps that ask for the user's authorization during installation.
      callbackKeep: { installation_id: 'installation_id' },
      // Errors have status 200. Tokens expire if the app is set so, which is the default of new OAuth apps and GitHub Apps.
      tokenResponse: {
        refreshTokenExpiry: { path: ['refresh_token_expires_in'], format: 'seconds' },
        keep: { expires_in: ['expires_in'], scope: ['scope'] },
      },
      // Revokes this token only. `/grant` would revoke the user's other tokens too (docs.github.com/rest/apps/oauth-applications).
      revocation: {
        url: 'https://api.github.com/applications/{{ config.client_id }}/token',
        method: 'DELETE',
        clientAuth: 'client_secret_basic',
        json: { access_token: '{{ config.access_token }}' },
      },
      permanentErrors: ['bad_refresh_token', 'bad_verification_code', 'redirect_uri_mismatch'],
      rotation: 'strict',
    },
    headers: { Accept: 'application/vnd.github+json', 'X-GitHub-Api-Version': '2022-11-28' },
    responseErrors: githubRateLimits,
    afterConnect: [
      // A browser brings the installation of the callback, so this request has to prove that the user has access to it.
      {
        where: 'kept.installation_id',
        path: '/user/installations/{{ kept.installation_id }}/repositories?per_page=1',
        keep: {},
      },
      // Tokens of GitHub Apps expire by default and have no scope. Others may not send this request.
      {
        where: 'kept.expires_in and not kept.scope and kept.installation_id is undefined',
        path: '/user/installations?per_page=1',
        keep: { installation_id: ['installations', 0, 'id'] },
      },
    ],
    // docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries, docs.github.com/webhooks/webhook-events-and-payloads
    webhook: { ...githubWebhook, connection: { value: 'body.installation.id', equals: 'kept.installation_id' } },
    testRequest: { path: '/user' },
    streams: [
      {
        name: 'repositories',
        path: '/user/repos',
        query: { per_page: '100', sort: 'full_name' },
        primaryKey: [['id']],
        pagination: { type: 'link_header' },
      },
      {
        name: 'issues',
        path: '/issues',
        query: { per_page: '100', filter: 'all', state: 'all', sort: 'updated', direction: 'asc' },
        primaryKey: [['id']],
        pagination: { type: 'link_header' },
        incremental: { cursorField: ['updated_at'], param: 'since', format: '%Y-%m-%dT%H:%M:%SZ' },
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://github.com/settings/applications/new',
      steps: [
        {
          en: 'The page is **Settings**, **Developer settings**, **OAuth apps**, **New OAuth app**. For an app that belongs to an organization, begin in the settings of the organization. To receive webhooks, make a GitHub App instead, as the steps for webhooks say.',
          de: 'Die Seite ist **Settings**, **Developer settings**, **OAuth apps**, **New OAuth app**. Soll die App einer Organisation gehören, beginnen Sie in deren Einstellungen. Um Webhooks zu empfangen, legen Sie stattdessen eine GitHub App an, wie in den Schritten für Webhooks beschrieben.',
        },
        {
          en: 'Enter the **Application name** and your website as **Homepage URL**, and paste the callback URL as **Redirect URI**, which GitHub also calls **Authorization callback URL**. Leave **Allow wildcard matching** off.',
          de: 'Geben Sie **Application name** und Ihre Website als **Homepage URL** ein und fügen Sie die Callback-URL als **Redirect URI** ein, was bei GitHub auch **Authorization callback URL** heißt. Lassen Sie **Allow wildcard matching** ausgeschaltet.',
        },
        {
          en: 'Leave **Expire user access tokens** selected: accounts stay connected, because their tokens are renewed. Select **Register application**.',
          de: 'Lassen Sie **Expire user access tokens** ausgewählt: Die Konten bleiben verbunden, weil ihre Tokens erneuert werden. Wählen Sie **Register application**.',
        },
        {
          en: 'Copy the **Client ID**. Select **Generate a new client secret** and copy the secret at once, because GitHub shows it only once.',
          de: 'Kopieren Sie die **Client ID**. Wählen Sie **Generate a new client secret** und kopieren Sie das Secret sofort, denn GitHub zeigt es nur einmal.',
        },
        {
          en: 'Scopes are not set in the app. GitHub shows people the scopes that the integration requests.',
          de: 'Scopes werden nicht in der App eingestellt. GitHub zeigt den Personen die Scopes, die die Integration anfordert.',
        },
      ],
    },
    webhook: {
      url: 'https://github.com/settings/apps/new',
      steps: [
        {
          en: 'The page is **Settings**, **Developer settings**, **GitHub Apps**, **New GitHub App**. Enter a name and your website as **Homepage URL**, and paste the callback URL as **Callback URL**, which GitHub also calls **Redirect URI**.',
          de: 'Die Seite ist **Settings**, **Developer settings**, **GitHub Apps**, **New GitHub App**. Geben Sie einen Namen und Ihre Website als **Homepage URL** ein und fügen Sie die Callback-URL als **Callback URL** ein, was bei GitHub auch **Redirect URI** heißt.',
        },
        {
          en: 'Leave **Expire user authorization tokens** selected. Leave **Request user authorization (OAuth) during installation** off: it sends people to the callback URL although they have not begun to connect.',
          de: 'Lassen Sie **Expire user authorization tokens** ausgewählt. Lassen Sie **Request user authorization (OAuth) during installation** ausgeschaltet: Damit kämen Personen zur Callback-URL, ohne das Verbinden begonnen zu haben.',
        },
        {
          en: 'Under **Webhook**, leave **Active** selected, paste the webhook URL as **Webhook URL**, and enter a long random text as **Webhook secret**. Save the same text here as the webhook secret.',
          de: 'Lassen Sie unter **Webhook** die Option **Active** ausgewählt, fügen Sie die Webhook-URL als **Webhook URL** ein und geben Sie einen langen zufälligen Text als **Webhook secret** ein. Speichern Sie denselben Text hier als Webhook-Secret.',
        },
        {
          en: 'Under **Permissions**, choose the access that the app needs, such as **Issues**, **Pull requests** and **Metadata**. They decide which events there are. GitHub Apps have permissions in place of scopes.',
          de: 'Wählen Sie unter **Permissions** den Zugriff, den die App braucht, zum Beispiel **Issues**, **Pull requests** und **Metadata**. Davon hängt ab, welche Events es gibt. GitHub Apps haben Berechtigungen anstelle von Scopes.',
        },
        {
          en: 'Under **Subscribe to events**, select the events, such as **Issues**, **Issue comment**, **Pull request** and **Repository**. Under **Where can this GitHub App be installed?**, select **Any account**, then **Create GitHub App**.',
          de: 'Wählen Sie unter **Subscribe to events** die Events, zum Beispiel **Issues**, **Issue comment**, **Pull request** und **Repository**. Wählen Sie unter **Where can this GitHub App be installed?** die Option **Any account** und dann **Create GitHub App**.',
        },
        {
          en: 'Copy the **Client ID**, not the **App ID**. Select **Generate a new client secret** and copy the secret. Enter both in the integration.',
          de: 'Kopieren Sie die **Client ID**, nicht die **App ID**. Wählen Sie **Generate a new client secret** und kopieren Sie das Secret. Tragen Sie beides in der Integration ein.',
        },
        {
          en: 'Give people the address of the app, github.com/apps/ and its name. They install it there for their account or organization, and connect after that.',
          de: 'Geben Sie den Personen die Adresse der App weiter, github.com/apps/ mit deren Namen. Dort installieren sie die App für ihr Konto oder ihre Organisation und verbinden sich erst danach.',
        },
      ],
    },
    events: ['issues', 'issue_comment', 'pull_request', 'repository', 'installation', 'installation_repositories'],
    traps: [
      {
        en: 'There is no scope that only reads private repositories: repo also writes.',
        de: 'Es gibt keinen Scope, der private Repositorys nur liest: repo schreibt auch.',
      },
    ],
    scopes: {
      'read:user': { en: 'read your profile', de: 'Ihr Profil lesen' },
      'user:email': { en: 'read your email addresses', de: 'Ihre E-Mail-Adressen lesen' },
      'read:org': {
        en: 'see your organizations, their projects, and their teams with the members',
        de: 'Ihre Organisationen, deren Projekte sowie deren Teams mit den Mitgliedern sehen',
      },
      public_repo: {
        en: 'read and change your public repositories, including code, projects and collaborators',
        de: 'Ihre öffentlichen Repositorys lesen und ändern, einschließlich Code, Projekten und Mitarbeitenden',
      },
      repo: {
        en: 'read and change all your public and private repositories, including code, issues, webhooks and collaborators, and manage projects, invitations and team memberships of your organizations',
        de: 'alle Ihre öffentlichen und privaten Repositorys lesen und ändern, einschließlich Code, Issues, Webhooks und Mitarbeitenden, sowie Projekte, Einladungen und Teammitgliedschaften Ihrer Organisationen verwalten',
      },
    },
    rateLimit: {
      words: {
        en: '5,000 requests an hour for each person, shared by all apps that act for them. 15,000 for apps of an organization with GitHub Enterprise Cloud.',
        de: '5.000 Anfragen pro Stunde für jede Person, gemeinsam für alle Apps, die für sie handeln. 15.000 bei Apps einer Organisation mit GitHub Enterprise Cloud.',
      },
      url: 'https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api',
    },
    hints: [
      {
        at: 'provider_page',
        errors: ['redirect_uri_mismatch'],
        cause: {
          en: 'The callback URL is not the one that is registered in the app.',
          de: 'Die Callback-URL stimmt nicht mit der in der App eingetragenen überein.',
        },
        operator: {
          en: 'Paste the callback URL exactly into **Redirect URI** of the OAuth app or the GitHub App.',
          de: 'Fügen Sie die Callback-URL genau so bei **Redirect URI** der OAuth-App oder der GitHub App ein.',
        },
        url: 'https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-authorization-request-errors',
      },
      {
        at: 'token',
        errors: ['incorrect_client_credentials'],
        cause: {
          en: 'The client ID or the client secret is wrong.',
          de: 'Die Client-ID oder das Client-Secret ist falsch.',
        },
        operator: {
          en: 'Compare the **Client ID** with that of the app, and generate a new client secret there if need be.',
          de: 'Vergleichen Sie die **Client ID** mit der der App und erzeugen Sie dort bei Bedarf ein neues Client-Secret.',
        },
        url: 'https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors',
      },
      {
        at: 'token',
        errors: ['unverified_user_email'],
        cause: {
          en: 'The primary email address of the GitHub account is not verified.',
          de: 'Die primäre E-Mail-Adresse des GitHub-Kontos ist nicht bestätigt.',
        },
        operator: {
          en: 'Ask the person to verify their primary email address at GitHub.',
          de: 'Bitten Sie die Person, ihre primäre E-Mail-Adresse bei GitHub zu bestätigen.',
        },
        person: {
          en: 'Verify your primary email address in the settings of GitHub, then connect again.',
          de: 'Bestätigen Sie Ihre primäre E-Mail-Adresse in den Einstellungen von GitHub und verbinden Sie das Konto erneut.',
        },
        url: 'https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors',
      },
      {
        at: 'request',
        messages: ['organization has enabled OAuth App access restrictions'],
        cause: {
          en: 'The organization allows only OAuth apps that one of its owners has approved.',
          de: 'Die Organisation lässt nur OAuth-Apps zu, die eine Person mit der Rolle Owner genehmigt hat.',
        },
        operator: {
          en: 'Ask an owner of the organization to grant access to the app under **Third-party Access** and **OAuth app policy**.',
          de: 'Bitten Sie eine Person mit der Rolle Owner in der Organisation, die App unter **Third-party Access** bei **OAuth app policy** zuzulassen.',
        },
        person: {
          en: 'Ask an owner of your organization to approve the app, then try again.',
          de: 'Bitten Sie eine Person mit der Rolle Owner in Ihrer Organisation, die App zu genehmigen, und versuchen Sie es erneut.',
        },
        url: 'https://docs.github.com/en/organizations/managing-oauth-access-to-your-organizations-data/about-oauth-app-access-restrictions',
      },
      {
        at: 'request',
        messages: ['Resource not accessible by integration'],
        cause: {
          en: 'The GitHub App lacks a permission that this request needs.',
          de: 'Der GitHub App fehlt eine Berechtigung, die diese Anfrage braucht.',
        },
        operator: {
          en: 'Add the permission in the settings of the GitHub App. The accounts that installed it have to approve the change.',
          de: 'Ergänzen Sie die Berechtigung in den Einstellungen der GitHub App. Die Konten, die sie installiert haben, müssen der Änderung zustimmen.',
        },
        url: 'https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api',
      },
    ],
  },
}

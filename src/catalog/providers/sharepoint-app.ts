import {
  filesRateLimit,
  graphPages,
  graphScope,
  graphSources,
  microsoftAppOnly,
  microsoftOwnFields,
  microsoftOwnHints,
  microsoftOwnSteps,
  microsoftOwnTenant,
  microsoftSources,
  microsoftWebhook,
  microsoftWebhookSteps,
} from '../families/microsoft.ts'
import { sharepointActions, sharepointSources, sharepointStreams } from '../families/microsoft-sharepoint.ts'
import type { ProviderFile } from '../provider-file.ts'

const ALL = graphScope('.default')
const READ = 'Sites.Read.All'
const WRITE = 'Sites.ReadWrite.All'

/** SharePoint Online with the permissions of an app: it reads all sites of an organization, and no person has to connect. */
export const provider: ProviderFile = {
  aliases: [
    'sharepoint online app',
    'sharepoint app-only',
    'sharepoint client credentials',
    'sharepoint application permissions',
    'sharepoint service account',
  ],
  logo: null,
  color: '#038387',
  sources: [
    ...microsoftSources,
    ...sharepointSources,
    ...graphSources('api/site-getallsites', 'api/site-search', 'resources/subscription'),
    {
      url: 'https://github.com/microsoftgraph/microsoft-graph-docs-contrib/blob/main/concepts/auth-v2-service.md',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/airweave-ai/airweave',
      read: '2026-11-29',
      second: true,
      differs:
        'It also asks for a private key and a certificate, for the REST API of SharePoint. Microsoft Graph takes a client secret.',
    },
  ],
  definition: {
    displayName: 'SharePoint (app)',
    docsUrl: 'https://learn.microsoft.com/graph/api/resources/sharepoint',
    categories: ['storage', 'knowledge base'],
    baseUrl: 'https://graph.microsoft.com/v1.0',
    inputFields: [microsoftOwnTenant],
    auth: microsoftAppOnly(ALL),
    webhook: microsoftWebhook([
      { where: "'drive' in item.resource", streams: ['items'] },
      { where: "'lists/' in item.resource", streams: ['list_items'] },
    ]),
    testRequest: { path: '/sites?search=*&$top=1' },
    streams: [
      {
        name: 'sites',
        path: '/sites/getAllSites',
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
      },
      ...sharepointStreams,
    ],
    actions: sharepointActions(READ, WRITE),
  },
  guide: {
    key: microsoftOwnSteps('Sites.Read.All, Files.Read.All'),
    fields: microsoftOwnFields,
    webhook: microsoftWebhookSteps({
      resource: 'drives/…/root',
      changes: 'updated',
      urls: { en: '**notificationUrl** is', de: '**notificationUrl** ist' },
      lifetime: { en: 'at most 29 days ahead', de: 'höchstens 29 Tage entfernt' },
    }),
    events: ['updated'],
    scopes: {
      [ALL]: {
        en: 'use the permissions that an administrator has approved for the app',
        de: 'die Berechtigungen nutzen, die die Administration der App erteilt hat',
      },
      [READ]: {
        en: 'read all sites, lists and files of your organization',
        de: 'alle Websites, Listen und Dateien Ihrer Organisation lesen',
      },
      [WRITE]: {
        en: 'read, create, change and delete items and documents in all sites of your organization',
        de: 'Elemente und Dokumente in allen Websites Ihrer Organisation lesen, anlegen, ändern und löschen',
      },
    },
    rateLimit: filesRateLimit,
    traps: [
      {
        en: 'The app reads the sites of everybody in the organization. Give each connection only to people who may see them.',
        de: 'Die App liest die Websites aller Personen der Organisation. Geben Sie eine Verbindung nur Personen, die sie sehen dürfen.',
      },
      {
        en: 'With the permission Sites.Selected, the test request and the list of sites are refused.',
        de: 'Mit der Berechtigung Sites.Selected werden die Testanfrage und die Liste der Websites abgelehnt.',
      },
      {
        en: 'Changed permissions count only after an administrator has approved them again.',
        de: 'Geänderte Berechtigungen gelten erst, nachdem die Administration sie erneut freigegeben hat.',
      },
    ],
    hints: microsoftOwnHints,
  },
}

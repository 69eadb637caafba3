import {
  filesRateLimit,
  graphPages,
  graphScope,
  graphSources,
  microsoftProduct,
  microsoftWebhook,
  microsoftWebhookSteps,
} from '../families/microsoft.ts'
import { sharepointActions, sharepointSources, sharepointStreams } from '../families/microsoft-sharepoint.ts'
import type { ProviderFile } from '../provider-file.ts'

const SITES = graphScope('Sites.Read.All')
const FILES = graphScope('Files.Read.All')
const WRITE = graphScope('Sites.ReadWrite.All')

export const provider: ProviderFile = microsoftProduct({
  aliases: [
    'sharepoint online',
    'microsoft sharepoint',
    'ms sharepoint',
    'sharepoint files',
    'office 365 sharepoint',
    'document library',
    'dokumentbibliothek',
  ],
  color: '#038387',
  sources: [
    ...sharepointSources,
    ...graphSources('api/site-search', 'resources/subscription'),
    {
      url: 'https://github.com/airweave-ai/airweave/blob/main/backend/airweave/platform/sources/sharepoint.py',
      read: '2026-11-29',
      second: true,
      differs:
        'It also requests User.Read.All and Group.Read.All, for people and groups, which are no part of this file.',
    },
  ],
  requested: [SITES, FILES],
  definition: {
    displayName: 'SharePoint',
    docsUrl: 'https://learn.microsoft.com/graph/api/resources/sharepoint',
    categories: ['storage', 'knowledge base'],
    webhook: microsoftWebhook([
      { where: "'drive' in item.resource", streams: ['items'] },
      { where: "'lists/' in item.resource", streams: ['list_items'] },
    ]),
    testRequest: { path: '/sites?search=*&$top=1' },
    streams: [
      {
        name: 'sites',
        path: '/sites',
        query: { search: '*' },
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
      },
      ...sharepointStreams,
    ],
    actions: sharepointActions(SITES, WRITE),
  },
  guide: {
    webhook: microsoftWebhookSteps({
      resource: 'drives/…/root',
      changes: 'updated',
      urls: { en: '**notificationUrl** is', de: '**notificationUrl** ist' },
      lifetime: { en: 'at most 29 days ahead', de: 'höchstens 29 Tage entfernt' },
    }),
    events: ['updated'],
    scopes: {
      [SITES]: {
        en: 'read the sites and lists that you have access to',
        de: 'die Websites und Listen lesen, auf die Sie Zugriff haben',
      },
      [FILES]: {
        en: 'read all files that you have access to',
        de: 'alle Dateien lesen, auf die Sie Zugriff haben',
      },
      [WRITE]: {
        en: 'read, create, change and delete items and documents in the sites that you have access to',
        de: 'Elemente und Dokumente in den Websites lesen, anlegen, ändern und löschen, auf die Sie Zugriff haben',
      },
    },
    rateLimit: filesRateLimit,
    traps: [
      {
        en: 'Only work and school accounts have SharePoint. Personal Microsoft accounts have OneDrive.',
        de: 'SharePoint gibt es nur für Geschäfts- und Schulkonten. Persönliche Microsoft-Konten haben OneDrive.',
      },
      {
        en: 'A file that is deleted is found by its list of changes. A list item that is deleted is found by a full reading.',
        de: 'Eine gelöschte Datei nennt die Liste der Änderungen. Ein gelöschtes Listenelement findet das vollständige Lesen.',
      },
    ],
  },
})

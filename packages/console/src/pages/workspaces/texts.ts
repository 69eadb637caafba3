import { makeTexts } from '../../texts.ts'

export const t = makeTexts({
  en: {
    'workspaces.empty': 'No workspace yet',
    'workspaces.emptyText':
      'A workspace holds the integrations, end users and connections of one product or environment.',
    'workspaces.name': 'Name of the workspace',
    'workspaces.create': 'Create workspace',
  },
  de: {
    'workspaces.empty': 'Noch kein Arbeitsbereich',
    'workspaces.emptyText':
      'Ein Arbeitsbereich enthält die Integrationen, Endnutzer und Verbindungen eines Produkts oder einer Umgebung.',
    'workspaces.name': 'Name des Arbeitsbereichs',
    'workspaces.create': 'Arbeitsbereich anlegen',
  },
})

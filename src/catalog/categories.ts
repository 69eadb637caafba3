import type { Words } from './guide.ts'

/** The categories of the catalogue with their names for people, in the order of display. Definitions of workspaces may use others. */
export const CATEGORIES: Readonly<Record<string, Words>> = {
  crm: { en: 'CRM', de: 'CRM' },
  communication: { en: 'Communication', de: 'Kommunikation' },
  email: { en: 'Email', de: 'E-Mail' },
  calendar: { en: 'Calendar', de: 'Kalender' },
  scheduling: { en: 'Scheduling', de: 'Terminvereinbarung' },
  video: { en: 'Video meetings', de: 'Videokonferenzen' },
  'project management': { en: 'Project management', de: 'Projektmanagement' },
  ticketing: { en: 'Ticketing', de: 'Ticketverwaltung' },
  support: { en: 'Customer support', de: 'Kundenservice' },
  'knowledge base': { en: 'Knowledge base', de: 'Wissensdatenbank' },
  storage: { en: 'File storage', de: 'Dateiablage' },
  database: { en: 'Databases', de: 'Datenbanken' },
  analytics: { en: 'Analytics', de: 'Auswertungen' },
  design: { en: 'Design', de: 'Design' },
  'developer tools': { en: 'Developer tools', de: 'Entwicklerwerkzeuge' },
  marketing: { en: 'Marketing', de: 'Marketing' },
  'e-commerce': { en: 'E-commerce', de: 'Onlinehandel' },
  payments: { en: 'Payments', de: 'Zahlungen' },
  billing: { en: 'Billing', de: 'Abrechnung' },
  accounting: { en: 'Accounting', de: 'Buchhaltung' },
  ats: { en: 'Recruiting', de: 'Bewerbermanagement' },
  hr: { en: 'Human resources', de: 'Personalwesen' },
  development: { en: 'For development', de: 'Für die Entwicklung' },
}

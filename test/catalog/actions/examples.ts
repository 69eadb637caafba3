import { examples as airtable } from './airtable.ts'
import { examples as asana } from './asana.ts'
import { examples as discord } from './discord.ts'
import { examples as dropbox } from './dropbox.ts'
import type { ActionExample } from './example.ts'
import { examples as figma } from './figma.ts'
import { examples as github } from './github.ts'
import { examples as gitlab } from './gitlab.ts'
import { examples as gmail } from './gmail.ts'
import { examples as googleCalendar } from './google-calendar.ts'
import { examples as googleDrive } from './google-drive.ts'
import { examples as greenhouse } from './greenhouse.ts'
import { examples as hubspot } from './hubspot.ts'
import { examples as intercom } from './intercom.ts'
import { examples as jira } from './jira.ts'
import { examples as linear } from './linear.ts'
import { examples as mailchimp } from './mailchimp.ts'
import { examples as notion } from './notion.ts'
import { examples as onedrive } from './onedrive.ts'
import { examples as outlook } from './outlook.ts'
import { examples as quickbooks } from './quickbooks.ts'
import { examples as salesforce } from './salesforce.ts'
import { examples as sendgrid } from './sendgrid.ts'
import { examples as slack } from './slack.ts'
import { examples as smartsheet } from './smartsheet.ts'
import { examples as square } from './square.ts'
import { examples as stripe } from './stripe.ts'
import { examples as xero } from './xero.ts'
import { examples as zendesk } from './zendesk.ts'
import { examples as zoom } from './zoom.ts'

/** The examples of every action of the catalogue, by slug. */
export const EXAMPLES: Readonly<Record<string, ActionExample[]>> = {
  airtable,
  asana,
  discord,
  dropbox,
  figma,
  github,
  gitlab,
  gmail,
  'google-calendar': googleCalendar,
  'google-drive': googleDrive,
  greenhouse,
  hubspot,
  intercom,
  jira,
  linear,
  mailchimp,
  notion,
  onedrive,
  outlook,
  quickbooks,
  salesforce,
  sendgrid,
  slack,
  smartsheet,
  square,
  stripe,
  xero,
  zendesk,
  zoom,
}

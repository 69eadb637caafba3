import { trial as airtable } from './airtable.ts'
import { trial as asana } from './asana.ts'
import { trial as aws } from './aws.ts'
import { trial as calendly } from './calendly.ts'
import { trial as chargebee } from './chargebee.ts'
import { trial as discord } from './discord.ts'
import { trial as dropbox } from './dropbox.ts'
import { trial as emarsys } from './emarsys.ts'
import { trial as figma } from './figma.ts'
import { trial as github } from './github.ts'
import { trial as githubApp } from './github-app.ts'
import { trial as gitlab } from './gitlab.ts'
import { trial as gmail } from './gmail.ts'
import { trial as googleCalendar } from './google-calendar.ts'
import { trial as googleDrive } from './google-drive.ts'
import { trial as greenhouse } from './greenhouse.ts'
import { trial as hubspot } from './hubspot.ts'
import { trial as intercom } from './intercom.ts'
import { trial as jira } from './jira.ts'
import { trial as linear } from './linear.ts'
import { trial as mailchimp } from './mailchimp.ts'
import { trial as metabase } from './metabase.ts'
import { trial as netsuite } from './netsuite.ts'
import { trial as notion } from './notion.ts'
import { trial as onedrive } from './onedrive.ts'
import { trial as outlook } from './outlook.ts'
import { trial as quickbooks } from './quickbooks.ts'
import { trial as salesforce } from './salesforce.ts'
import { trial as sendgrid } from './sendgrid.ts'
import { trial as shopify } from './shopify.ts'
import { trial as slack } from './slack.ts'
import { trial as smartsheet } from './smartsheet.ts'
import { trial as square } from './square.ts'
import { trial as stripe } from './stripe.ts'
import type { ProviderTrial } from './trial.ts'
import { trial as xero } from './xero.ts'
import { trial as zendesk } from './zendesk.ts'
import { trial as zoom } from './zoom.ts'

/** The documented responses of each provider, by slug. */
export const TRIALS: Readonly<Record<string, ProviderTrial>> = {
  airtable: airtable,
  asana: asana,
  aws: aws,
  calendly: calendly,
  chargebee: chargebee,
  discord: discord,
  dropbox: dropbox,
  emarsys: emarsys,
  figma: figma,
  github: github,
  'github-app': githubApp,
  gitlab: gitlab,
  gmail: gmail,
  'google-calendar': googleCalendar,
  'google-drive': googleDrive,
  greenhouse: greenhouse,
  hubspot: hubspot,
  intercom: intercom,
  jira: jira,
  linear: linear,
  mailchimp: mailchimp,
  metabase: metabase,
  netsuite: netsuite,
  notion: notion,
  onedrive: onedrive,
  outlook: outlook,
  quickbooks: quickbooks,
  salesforce: salesforce,
  sendgrid: sendgrid,
  shopify: shopify,
  slack: slack,
  smartsheet: smartsheet,
  square: square,
  stripe: stripe,
  xero: xero,
  zendesk: zendesk,
  zoom: zoom,
}

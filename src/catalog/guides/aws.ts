import type { ProviderGuide } from '../guide.ts'

export const awsGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html',
    'https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTrails.html',
    'https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html',
    'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html',
  ],
  unverified: ['hints'],
  logo: null,
  color: '#ff9900',
  key: {
    url: 'https://console.aws.amazon.com/iam/',
    steps: [
      {
        en: 'Create a user for this purpose in **IAM**, **Users**, which may do nothing but **sts:AssumeRole** for the role of the next step. Under **Security credentials**, create an access key and copy both parts.',
        de: 'Legen Sie in **IAM**, **Users** einen Benutzer für diesen Zweck an, der nichts darf als **sts:AssumeRole** für die Rolle des nächsten Schritts. Erzeugen Sie unter **Security credentials** einen Zugriffsschlüssel und kopieren Sie beide Teile.',
      },
      {
        en: 'In **Roles**, select **Create role** for an AWS account, trust that user, and require an external ID if others manage the keys. The role needs **cloudtrail:LookupEvents** and **cloudtrail:ListTrails**.',
        de: 'Wählen Sie in **Roles** die Option **Create role** für ein AWS-Konto, vertrauen Sie diesem Benutzer und verlangen Sie eine External ID, wenn andere die Schlüssel verwalten. Die Rolle braucht **cloudtrail:LookupEvents** und **cloudtrail:ListTrails**.',
      },
      {
        en: 'Copy the ARN of the role, and enter the region whose events are to be read.',
        de: 'Kopieren Sie die ARN der Rolle und geben Sie die Region an, deren Ereignisse gelesen werden sollen.',
      },
    ],
  },
  fields: {
    region: {
      label: 'Region',
      description: 'Die Region, deren Ereignisse gelesen werden. Die der globalen Dienste sind in us-east-1.',
    },
    access_key_id: { label: 'Zugriffsschlüssel-ID' },
    secret_access_key: { label: 'Geheimer Zugriffsschlüssel' },
    role_arn: { label: 'ARN der Rolle', description: 'Die Rolle, die die Ereignisse lesen darf.' },
    external_id: { label: 'External ID', description: 'Wenn die Vertrauensrichtlinie der Rolle eine verlangt.' },
  },
  scopes: {},
  rateLimit: {
    words: {
      en: 'LookupEvents: two requests a second for each account and region.',
      de: 'LookupEvents: zwei Anfragen pro Sekunde für jedes Konto und jede Region.',
    },
    url: 'https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html',
  },
  hints: [
    {
      at: 'token',
      messages: ['sts:AssumeRole'],
      cause: {
        en: 'The role may not be assumed with this key.',
        de: 'Die Rolle darf mit diesem Schlüssel nicht übernommen werden.',
      },
      operator: {
        en: 'Let the trust policy of the role be checked, its external ID, and whether the user of the key may call sts:AssumeRole.',
        de: 'Lassen Sie die Vertrauensrichtlinie der Rolle prüfen, ihre External ID und ob der Benutzer des Schlüssels sts:AssumeRole aufrufen darf.',
      },
      person: {
        en: 'Check the ARN and the external ID, and that the trust policy of the role names the user of the key.',
        de: 'Prüfen Sie die ARN und die External ID und ob die Vertrauensrichtlinie der Rolle den Benutzer des Schlüssels nennt.',
      },
      url: 'https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html',
    },
    {
      at: 'request',
      messages: ['not authorized to perform: cloudtrail:'],
      cause: {
        en: 'The role lacks a permission of AWS CloudTrail.',
        de: 'Der Rolle fehlt eine Berechtigung von AWS CloudTrail.',
      },
      operator: {
        en: 'Let cloudtrail:LookupEvents and cloudtrail:ListTrails be added to the role.',
        de: 'Lassen Sie der Rolle cloudtrail:LookupEvents und cloudtrail:ListTrails hinzufügen.',
      },
      person: {
        en: 'Add cloudtrail:LookupEvents and cloudtrail:ListTrails to the role.',
        de: 'Fügen Sie der Rolle cloudtrail:LookupEvents und cloudtrail:ListTrails hinzu.',
      },
    },
  ],
}

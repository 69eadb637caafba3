import type { ProviderFile } from '../provider-file.ts'

/** The log of an account, read with temporary keys of a role. A definition of one's own reads other services in the same way. */
export const provider: ProviderFile = {
  aliases: ['amazon web services', 'cloudtrail', 'amazon cloudtrail', 'audit log'],
  logo: null,
  color: '#ff9900',
  sources: [
    { url: 'https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html', read: '2026-11-29' },
    { url: 'https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTrails.html', read: '2026-11-29' },
    { url: 'https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html', read: '2026-11-29' },
    {
      url: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-aws-cloudtrail/manifest.yaml',
      read: '2026-11-29',
      second: true,
      differs:
        'It signs with a key of the account and has no role, and its X-Amz-Target begins with com.amazonaws.cloudtrail.v20131101. The SDK of AWS sends the target without this beginning.',
    },
    { url: 'https://github.com/aws/aws-sdk-js-v3', read: '2026-11-29', second: true },
  ],
  unverified: ['hints'],
  definition: {
    displayName: 'AWS CloudTrail',
    docsUrl: 'https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html',
    categories: ['developer tools'],
    baseUrl: 'https://cloudtrail.{{ input.region }}.amazonaws.com',
    inputFields: [
      {
        name: 'region',
        label: 'Region',
        description: 'The region whose events are read. Those of global services are in us-east-1.',
        required: true,
        pattern: '[a-z]{2}(-[a-z]+)+-[0-9]{1,2}',
        example: 'eu-central-1',
      },
    ],
    auth: {
      type: 'signature',
      method: 'aws_sigv4',
      fields: [
        { name: 'access_key_id', label: 'Access key ID', required: true, example: 'AKIAIOSFODNN7EXAMPLE' },
        { name: 'secret_access_key', label: 'Secret access key', secret: true, required: true },
        {
          name: 'role_arn',
          label: 'Role ARN',
          description: 'The role that may read the events.',
          required: true,
          pattern: 'arn:aws:iam::[0-9]{12}:role/.+',
          example: 'arn:aws:iam::123456789012:role/reader',
        },
        {
          name: 'external_id',
          label: 'External ID',
          description: 'If the trust policy of the role asks for one.',
          secret: true,
        },
      ],
      accessKeyId: '{{ config.access_key_id }}',
      secretAccessKey: '{{ config.secret_access_key }}',
      region: '{{ input.region }}',
      service: 'cloudtrail',
      // docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
      assumeRole: {
        roleArn: '{{ config.role_arn }}',
        externalId: "{{ config.external_id | default('') }}",
        sessionName: 'latchkey',
        url: 'https://sts.{{ input.region }}.amazonaws.com/',
      },
    },
    headers: operation('ListTrails'),
    // docs.aws.amazon.com/awscloudtrail/latest/APIReference/CommonErrors.html
    responseErrors: [
      { status: 400, path: ['__type'], equals: 'ThrottlingException', as: 'rate_limit', message: ['message'] },
      { status: 400, path: ['__type'], equals: 'AccessDeniedException', as: 'auth', message: ['message'] },
      { status: 400, path: ['__type'], equals: 'UnrecognizedClientException', as: 'auth', message: ['message'] },
      { status: 400, path: ['__type'], equals: 'ExpiredTokenException', as: 'auth', message: ['message'] },
    ],
    testRequest: { method: 'POST', path: '/', json: {} },
    // LookupEvents: two requests a second for each account and region.
    rateLimit: { requestsPerSecond: 2 },
    streams: [
      {
        // Of the last 90 days, the newest first.
        name: 'events',
        method: 'POST',
        path: '/',
        headers: operation('LookupEvents'),
        json: { MaxResults: 50 },
        recordsPath: ['Events'],
        primaryKey: [['EventId']],
        pagination: { type: 'cursor', path: ['NextToken'], param: 'NextToken', in: 'json' },
        incremental: { cursorField: ['EventTime'], fieldFormat: 'epoch', by: 'newest_first', lookback: 'PT15M' },
        deletes: 'never',
      },
      {
        name: 'trails',
        method: 'POST',
        path: '/',
        headers: operation('ListTrails'),
        json: {},
        recordsPath: ['Trails'],
        primaryKey: [['TrailARN']],
        pagination: { type: 'cursor', path: ['NextToken'], param: 'NextToken', in: 'json' },
      },
    ],
  },
  guide: {
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
  },
}

/** A request of AWS CloudTrail, in the protocol awsJson1_1 (smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html). */
function operation(name: string) {
  return { 'X-Amz-Target': `CloudTrail_20131101.${name}`, 'Content-Type': 'application/x-amz-json-1.1' }
}

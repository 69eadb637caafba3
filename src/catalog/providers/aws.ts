import type { IntegrationDefinition } from '../definition/definition.ts'

/** A request of AWS CloudTrail, in the protocol awsJson1_1 (smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html). */
function operation(name: string) {
  return { 'X-Amz-Target': `CloudTrail_20131101.${name}`, 'Content-Type': 'application/x-amz-json-1.1' }
}

/** The log of an account, read with temporary keys of a role. A definition of one's own reads other services in the same way. */
export const aws: IntegrationDefinition = {
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
}
